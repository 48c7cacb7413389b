/* variant.c: which EfficientNet the tensors are: the one most of whose
 * parameters are there with the right shapes.  Damaged and extended files are
 * recognised by that, too, and what is wrong with them can be told.
 */
#include "load/variant.h"

#include "arch/limits.h"
#include "arch/models.h"
#include "base/alloc.h"
#include "base/status.h"
#include "load/hint.h"
#include "load/layout.h"
#include "load/tellers.h"
#include "load/text.h"
#include "load/widths.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool
en_entry_fits(const en_entry *entry, const en_param *param)
{
        return entry->rank == param->rank &&
               memcmp(entry->shape, param->shape,
                      (size_t)param->rank * sizeof(param->shape[0])) == 0;
}

/* A dimension of a tensor outside the blocks, behind `stages` of them, or
 * `otherwise` where it is missing.
 */
static int64_t
dimension(const en_view *view, en_role role, en_param_kind kind, int32_t stages,
          int32_t index, int64_t otherwise)
{
        const en_layer layer = {.role = role, .stage = -1, .preceding = stages};
        en_entry found;

        if (!en_layout_find(view, &layer, kind, &found) || found.rank <= index)
                return otherwise;
        return found.shape[index];
}

static effnet_status
check_range(int64_t value, int64_t most, const char *what)
{
        if (value >= 1 && value <= most)
                return EFFNET_OK;
        return en_fail(EFFNET_ERROR_MISMATCH,
                       "%" PRId64 " %s; expected 1 to %" PRId64, value, what,
                       most);
}

/* The first dimension of a tensor of the head, or 0.  In torchvision its name
 * depends on the number of stages.
 */
static int64_t
head_channels(const en_view *view, en_param_kind kind)
{
        int64_t head = 0;

        for (int32_t n = EN_MAX_STAGES; n > 0 && head == 0; n--)
                head = dimension(view, EN_ROLE_HEAD, kind, n, 0, 0);
        return head;
}

/* Without a classifier there are no classes; without a head, too, the network
 * ends behind its last block, as timm's features_only saves it.
 */
static effnet_status
read_ends(effnet_config *ends, const en_view *view)
{
        int64_t channels = dimension(view, EN_ROLE_STEM, EN_PARAM_CONV_WEIGHT,
                                     0, 1, 3);
        int64_t bias = dimension(view, EN_ROLE_CLASSIFIER, EN_PARAM_LINEAR_BIAS,
                                 0, 0, -1);
        int64_t classes = dimension(view, EN_ROLE_CLASSIFIER,
                                    EN_PARAM_LINEAR_WEIGHT, 0, 0, bias);
        effnet_status status;

        status = check_range(channels, EN_MOST_INPUT_CHANNELS,
                             "input channels");
        if (status == EFFNET_OK && classes != -1 && !view->headless)
                status = check_range(classes, EN_MOST_CLASSES, "classes");
        if (view->headless || classes == -1) /* no classifier */
                classes = 0;
        ends->input_channels = (int32_t)channels;
        ends->classes = (int32_t)classes;
        ends->headless = classes == 0 && !view->headless &&
                         head_channels(view, EN_PARAM_CONV_WEIGHT) == 0 &&
                         head_channels(view, EN_PARAM_BN_WEIGHT) == 0;
        return status;
}

static void
copy_ends(effnet_config *config, const effnet_config *ends)
{
        config->classes = ends->classes;
        config->input_channels = ends->input_channels;
        config->headless = ends->headless;
}

typedef struct score {
        int32_t fitting, total; /* parameters of the variant */
} score;

/* B1 holds all of B0, with the same names and shapes, so the number that fit
 * comes first, then the number that miss.
 */
static bool
is_better(score a, score b)
{
        return a.fitting != b.fitting ? a.fitting > b.fitting
                                      : a.total < b.total;
}

static effnet_status
try_variant(const en_view *view, const effnet_config *candidate, score *result)
{
        en_network *network;
        effnet_status status = en_network_create(&network, candidate, 0, 0);

        if (status != EFFNET_OK)
                return status;
        result->fitting = en_count_fitting(view, network);
        result->total = network->param_count;
        en_network_free(network);
        return EFFNET_OK;
}

/* Blocks, by the tensor that each has. */
static int32_t
count_blocks(const en_view *view)
{
        const char *probe = view->naming->probe;
        int32_t stages = strstr(probe, "{i}") != NULL ? 1 : EN_MAX_STAGES;
        int32_t blocks = 0;
        char name[EN_NAME_SIZE];

        for (int32_t stage = 0; stage < stages; stage++) {
                for (int32_t block = 0;; block++, blocks++) {
                        en_name_fill(probe, stage, block, block, name);
                        if (en_view_find(view, name) == NULL)
                                break;
                }
        }
        return blocks;
}

static effnet_status
not_recognised(const en_view *view)
{
        return en_fail(
                EFFNET_ERROR_UNSUPPORTED,
                "variant not recognised: stem %" PRId64 ", head %" PRId64
                ", %" PRId32
                " blocks (names of %s); expected B0 to B8, L2, Lite0 "
                "to Lite4, V2 or EdgeTPU",
                dimension(view, EN_ROLE_STEM, EN_PARAM_CONV_WEIGHT, 0, 0, 0),
                head_channels(view, EN_PARAM_CONV_WEIGHT), count_blocks(view),
                view->naming->name);
}

/* Relatives that are not run, by a tensor that only they have. */
static effnet_status
refuse_relatives(const en_view *view)
{
        static const struct {
                const char *tensor, *what;
        } relatives[] = {
                {"blocks.4.0.routing_fn.weight",
                 "conditional convolutions, as in efficientnet_cc_b0_4e"},
        };

        for (size_t i = 0; i < sizeof(relatives) / sizeof(relatives[0]); i++)
                if (en_view_find(view, relatives[i].tensor) != NULL)
                        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                                       "%s: tensor %s", relatives[i].what,
                                       relatives[i].tensor);
        return EFFNET_OK;
}

/* Tries one variant against the best one so far. */
static effnet_status
consider(effnet_config *config, score *best, const en_view *view,
         const effnet_config *candidate)
{
        score found = {0, 0};
        effnet_status status = try_variant(view, candidate, &found);

        if (status != EFFNET_OK || !is_better(found, *best))
                return status;
        *best = found;
        *config = *candidate;
        return EFFNET_OK;
}

/* Tries one variant, pruned, against the best one so far: the one which most
 * tensors fit as it is.
 */
static effnet_status
consider_pruned(effnet_config *config, score *best, const en_view *view,
                const effnet_config *candidate)
{
        effnet_config pruned = *candidate;
        score found = {0, 0};
        bool fits;
        effnet_status status = en_prune(&pruned, view, &fits);

        if (status == EFFNET_OK && fits)
                status = try_variant(view, candidate, &found);
        if (status != EFFNET_OK || !fits || !is_better(found, *best))
                return status;
        *best = found;
        *config = pruned;
        return EFFNET_OK;
}

typedef effnet_status (*consider_function)(effnet_config *config, score *best,
                                           const en_view *view,
                                           const effnet_config *candidate);

/* Considers all variants that the names may be of, until one is perfect. */
static effnet_status
consider_all(effnet_config *config, score *best, const en_view *view,
             const effnet_config *ends, consider_function function)
{
        for (int32_t r = 0; r < view->naming->range_count; r++) {
                const en_naming_range *range = &view->naming->ranges[r];

                for (int32_t v = range->first; v <= range->last; v++) {
                        effnet_config candidate;
                        effnet_status status;

                        status = en_config_variant(&candidate, range->family,
                                                   v);
                        copy_ends(&candidate, ends);
                        if (status == EFFNET_OK)
                                status = function(config, best, view,
                                                  &candidate);
                        if (status != EFFNET_OK)
                                return status;
                        if (best->fitting == best->total &&
                            best->total == view->weights)
                                return EFFNET_OK;
                }
        }
        return EFFNET_OK;
}

/* Takes the best of all variants that the names may be of, if more than half
 * of its parameters fit, or one that was pruned.
 */
static effnet_status
detect(effnet_config *config, const en_view *view, const effnet_config *ends)
{
        score best = {0, 0}, pruned = {-1, 0};
        effnet_config own;
        effnet_status status = consider_all(config, &best, view, ends,
                                            consider);

        if (status == EFFNET_OK && best.fitting < best.total)
                status = consider_all(&own, &pruned, view, ends,
                                      consider_pruned);
        if (status != EFFNET_OK)
                return status;
        /* A pruned model explains more tensors than any other: of a damaged
         * B0 a pruned Lite0 would leave the squeeze-and-excite over. */
        if (pruned.fitting >= 0 && pruned.total > best.fitting) {
                *config = own;
                return EFFNET_OK;
        }
        return best.fitting > best.total / 2 ? EFFNET_OK : not_recognised(view);
}

/* What the file's name tells of what the shapes leave open; whether it does. */
static bool
apply_hint(effnet_config *config, const en_view *view)
{
        const effnet_config detected = *config;
        const en_pruned *published = en_models[config->variant].pruned;
        bool told = en_hint_by_name(config, view->container->source->name);

        copy_ends(config, &detected);
        config->pruned = detected.pruned;
        if (config->pruned.block_count > 0 && published == NULL)
                snprintf(config->name, sizeof(config->name), "custom");
        return told;
}

/* Whether the tensors are those of a network that the file describes. */
static effnet_status
fits(bool *fitting, const en_view *view, const effnet_config *described)
{
        score found = {0, 1};
        effnet_status status = EFFNET_OK;

        /* Each block has tensors: of more blocks the network is not. */
        if (en_config_blocks(described) <= view->weights)
                status = try_variant(view, described, &found);
        *fitting = found.fitting == found.total;
        return status;
}

/* Whether someone describes the network that was found, but for widths that may
 * be pruned.  What this project wrote may be of other widths altogether.
 */
static bool
is_kin(const en_told *told, const effnet_config *found)
{
        const effnet_config *config = &told->config;

        return config->variant == found->variant &&
               ((config->width == found->width &&
                 config->depth == found->depth) ||
                told->origin == EN_ORIGIN_METADATA);
}

/* Takes the network that someone describes if the tensors are just its. */
static effnet_status
take_whole(en_finding *found, const en_view *view, const en_told *told,
           const effnet_config *ends, bool *taken)
{
        effnet_config described = told->config;
        effnet_status status;

        copy_ends(&described, ends);
        status = fits(taken, view, &described);
        if (status == EFFNET_OK && *taken) {
                found->config = described;
                found->origins[EFFNET_SOURCE_ARCHITECTURE] = told->origin;
        }
        return status;
}

/* Takes what the shapes leave open from the description of another network of
 * the same variant, whose widths may be its own.
 */
static void
take_part(en_finding *found, const en_told *told)
{
        const effnet_config *described = &told->config;

        found->origins[EFFNET_SOURCE_ARCHITECTURE] = told->origin;
        found->config.padding = described->padding;
        found->config.padding_resolution = described->padding_resolution;
        found->config.epsilon = described->epsilon;
        found->config.activation = described->activation;
        found->config.resolution = described->resolution;
}

static effnet_status
refuse_told(const en_told *told)
{
        return en_fail(EFFNET_ERROR_UNSUPPORTED, "%s: %s", told->name,
                       told->refused);
}

/* Silences who describes another network than the one that was found; the
 * strongest that remains tells what the shapes do not, unless one has told all.
 */
static effnet_status
judge(en_finding *found, en_tellers *tellers, const en_told *whole)
{
        const en_told *first = whole;
        effnet_status status = EFFNET_OK;
        char why[2 * EN_MAX_NAME + 60];

        for (int i = EN_TELLERS - 1; i >= 0 && status == EFFNET_OK; i--) {
                const en_told *told = &tellers->list[i];

                if ((told->parts & EN_TOLD_ARCHITECTURE) == 0)
                        continue;
                if (!is_kin(told, &found->config)) {
                        snprintf(why, sizeof(why),
                                 "it describes %s, the tensors are those of "
                                 "%s",
                                 told->config.name, found->config.name);
                        status = en_tellers_silence(tellers, (en_teller)i, why);
                } else if (first == NULL) {
                        first = told;
                        take_part(found, told);
                }
        }
        if (status == EFFNET_OK && first != NULL && first->refused[0] != '\0')
                return refuse_told(first);
        return status;
}

static effnet_status
find_by_tensors(en_finding *found, const en_view *view, en_tellers *tellers,
                const effnet_config *ends)
{
        effnet_status status = refuse_relatives(view);
        const en_told *whole = NULL;
        bool taken = false;

        for (int i = EN_TELLERS - 1;
             i >= 0 && status == EFFNET_OK && whole == NULL; i--) {
                const en_told *told = &tellers->list[i];

                if ((told->parts & EN_TOLD_ARCHITECTURE) == 0)
                        continue;
                status = take_whole(found, view, told, ends, &taken);
                if (taken)
                        whole = told;
        }
        if (status == EFFNET_OK && whole == NULL) {
                status = detect(&found->config, view, ends);
                copy_ends(&found->config, ends);
                if (status == EFFNET_OK)
                        found->origins[EFFNET_SOURCE_ARCHITECTURE] =
                                apply_hint(&found->config, view)
                                        ? EN_ORIGIN_FILE_NAME
                                        : EN_ORIGIN_SHAPES;
        }
        return status == EFFNET_OK ? judge(found, tellers, whole) : status;
}

static effnet_status
find_network(en_finding *found, const en_view *view, en_tellers *tellers,
             const effnet_config *ends, const effnet_options *options)
{
        effnet_status status;

        if (options->architecture == NULL)
                return find_by_tensors(found, view, tellers, ends);
        status = en_naming_architecture(&found->config, view->naming,
                                        options->architecture);
        copy_ends(&found->config, ends);
        found->origins[EFFNET_SOURCE_ARCHITECTURE] = EN_ORIGIN_OPTION;
        return status;
}

/* The caller's word beats all. */
static void
apply_options(en_finding *found, const effnet_options *options)
{
        effnet_config *config = &found->config;

        if (options->test_size >= 0)
                config->picture_size = options->test_size != 0 ? EN_SIZE_TEST
                                                               : EN_SIZE_TRAIN;
        if (options->padding >= 0) {
                config->padding = (int32_t)options->padding;
                config->padding_resolution = 0;
                found->origins[EFFNET_SOURCE_PADDING] = EN_ORIGIN_OPTION;
        }
        if (options->epsilon > 0) {
                config->epsilon = options->epsilon;
                found->origins[EFFNET_SOURCE_EPSILON] = EN_ORIGIN_OPTION;
        }
}

/* What follows from the architecture was told with it; from one that only the
 * shapes tell, it is the family's default.
 */
static void
follow(en_origin *origins)
{
        en_origin architecture = origins[EFFNET_SOURCE_ARCHITECTURE];

        if (architecture == EN_ORIGIN_SHAPES)
                architecture = EN_ORIGIN_DEFAULT;
        for (int32_t key = EFFNET_SOURCE_PADDING; key <= EFFNET_SOURCE_MODE;
             key++)
                origins[key] = architecture;
        origins[EFFNET_SOURCE_MULTI_LABEL] = architecture;
}

/* The architecture's steps, and over them those that are told; not where the
 * caller names the architecture.  A size that the caller chose is not in what
 * this project wrote.
 */
static void
find_steps(en_finding *found, en_tellers *tellers,
           const effnet_options *options)
{
        en_origin *origins = found->origins;

        found->preset = en_preset_for(&found->config);
        if (options->test_size >= 0) {
                tellers->list[EN_TELLER_OWN].parts &= ~EN_TOLD_STEPS;
                origins[EFFNET_SOURCE_RESIZE] = EN_ORIGIN_OPTION;
                origins[EFFNET_SOURCE_CROP] = EN_ORIGIN_OPTION;
        }
        if (options->architecture == NULL)
                en_tellers_steps(tellers, &found->preset, origins);
        found->preset.gray = found->config.input_channels == 1;
}

/* A classifier's first row may be a background's. */
static void
drop_background(en_finding *found, en_view *view, const en_tellers *tellers,
                effnet_config *ends, const effnet_options *options)
{
        const en_told *told = en_tellers_background(tellers, ends->classes);

        found->origins[EFFNET_SOURCE_CLASSES] = EN_ORIGIN_SHAPES;
        if (ends->classes < 2 || options->background_class == 0 ||
            (options->background_class < 0 && told == NULL))
                return;
        found->origins[EFFNET_SOURCE_CLASSES] = options->background_class > 0
                                                        ? EN_ORIGIN_OPTION
                                                        : told->origin;
        view->dropped = found->dropped = 1;
        ends->classes--;
}

static effnet_status
find_all(en_finding *found, en_view *view, en_tellers *tellers,
         const effnet_options *options)
{
        const en_told *labels;
        effnet_config ends;
        effnet_status status = read_ends(&ends, view);

        if (status == EFFNET_OK)
                status = en_tellers_ask(tellers, view, ends.classes, options,
                                        &found->warnings);
        if (status != EFFNET_OK)
                return status;
        drop_background(found, view, tellers, &ends, options);
        status = find_network(found, view, tellers, &ends, options);
        if (status != EFFNET_OK)
                return status;
        follow(found->origins);
        apply_options(found, options);
        find_steps(found, tellers, options);
        found->multi_label = en_tellers_multi_label(
                tellers, &found->origins[EFFNET_SOURCE_MULTI_LABEL]);
        found->labels = en_tellers_labels(tellers, ends.classes, found->dropped,
                                          &labels);
        if (labels != NULL)
                found->origins[EFFNET_SOURCE_LABELS] = labels->origin;
        return EFFNET_OK;
}

effnet_status
en_variant_find(en_finding *found, en_view *view, const effnet_options *options)
{
        en_tellers *tellers = en_alloc_zero(1, sizeof(*tellers));
        effnet_status status;

        memset(found, 0, sizeof(*found));
        if (tellers == NULL)
                return EFFNET_ERROR_MEMORY;
        status = find_all(found, view, tellers, options);
        en_tellers_clear(tellers);
        en_free(tellers);
        return status;
}
