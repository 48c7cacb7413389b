/* info.c: effnet info: describes a checkpoint or an architecture. */
#include "args.h"
#include "command.h"
#include "json.h"
#include "model.h"
#include "plan.h"
#include "steps.h"
#include "text.h"

#include "effnet.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct request {
        struct model_choice model;
        bool layers;
        bool plan;
        struct plan_wish wish;
        int format; /* index of formats */
};

/* What is described: a loaded model, or an architecture alone. */
struct subject {
        effnet_model *model;   /* NULL: no file */
        effnet_config *config; /* copies */
        effnet_preprocess *steps;
        effnet_summary *summary;
        effnet_session *session; /* NULL: the plan is not asked for */
};

#define SOURCE_SIZE 64

static const struct {
        const char *name;
        int32_t key;
} sources[] = {
        {"padding", EFFNET_SOURCE_PADDING},
        {"epsilon", EFFNET_SOURCE_EPSILON},
        {"mean_std", EFFNET_SOURCE_MEAN_STD},
        {"resize", EFFNET_SOURCE_RESIZE},
        {"crop", EFFNET_SOURCE_CROP},
        {"filter", EFFNET_SOURCE_FILTER},
        {"mode", EFFNET_SOURCE_MODE},
        {"multi_label", EFFNET_SOURCE_MULTI_LABEL},
};

static const char *const formats[] = {"text", "json", NULL};

static const char *const paddings[] = {
        [EFFNET_PADDING_SYMMETRIC] = "symmetric",
        [EFFNET_PADDING_SAME] = "same",
        [EFFNET_PADDING_SAME_STATIC] = "same-static",
};

static int
parse(struct request *request, int argc, char **argv, int *operands)
{
        const struct option options[] = {
                {.name = "layers",
                 .help = "each layer too, in order of execution",
                 .parse = parse_flag,
                 .target = &request->layers},
                {.name = "plan",
                 .help = "how it runs too: steps, tiles, buffers, bytes",
                 .parse = parse_flag,
                 .target = &request->plan},
                PLAN_OPTIONS(request->wish),
                FORMAT_OPTION(request->format, formats,
                              "text or json; default text"),
                LOADING_OPTIONS(request->model),
        };
        const struct syntax syntax = {
                .command = "info",
                .purpose = "Describes a checkpoint file or, by name, an "
                           "architecture: parameters,\nmultiply-adds (MACs), "
                           "and how pictures are prepared for it.",
                .example = "effnet info efficientnet_b0",
                .operands = "[MODEL|NAME]",
                .notes = "Without MODEL it is $EFFNET_MODEL, else the one that "
                         "./bootstrap demo fetched.\nA file wins over a name.  "
                         "Names are b0 to b8, lite0 to lite4, v2_s,\n"
                         "and so on, and each framework's own, such as "
                         "tf_efficientnet_b0.",
                .options = options,
                .count = sizeof(options) / sizeof(options[0]),
                .least = 0,
                .most = 1,
        };

        return args_parse(&syntax, argc, argv, operands);
}

static int64_t
get_int(const struct subject *subject, int32_t key)
{
        int64_t value;

        if (effnet_config_get_int(subject->config, key, &value) != EFFNET_OK)
                return 0;
        return value;
}

static double
get_double(const struct subject *subject, int32_t key)
{
        double value;

        if (effnet_config_get_double(subject->config, key, &value) != EFFNET_OK)
                return 0;
        return value;
}

static const char *
container(const struct subject *subject)
{
        return subject->model != NULL ? effnet_model_container(subject->model)
                                      : "none";
}

#define COLUMNS 80

/* In lines of at most COLUMNS, broken at blanks. */
static void
print_warning(const char *text)
{
        static const char note[] = "note: ";
        bool is_note = strncmp(text, note, sizeof(note) - 1) == 0;
        int column = printf("%s", is_note ? "note:" : "warning:");

        if (is_note)
                text += sizeof(note) - 1;
        while (*text != '\0') {
                int length = (int)strcspn(text, " ");

                if (column + 1 + length > COLUMNS)
                        column = printf("\n ") - 1;
                column += printf(" %.*s", length, text);
                text += length;
                text += strspn(text, " ");
        }
        putchar('\n');
}

/* Where a value came from; of a name alone, from its family. */
static const char *
source(const struct subject *subject, int32_t key, char text[SOURCE_SIZE])
{
        if (subject->model != NULL)
                return effnet_model_source(subject->model, key);
        snprintf(text, SOURCE_SIZE, "default of %s",
                 effnet_config_family(subject->config));
        return text;
}

static js_value *
sources_json(const struct subject *subject)
{
        js_value *object = js_object();
        char text[SOURCE_SIZE];
        size_t i;

        for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
                js_set(object, sources[i].name,
                       js_text(source(subject, sources[i].key, text)));
        return object;
}

static js_value *
warnings_json(const struct subject *subject)
{
        js_value *array = js_array();
        int32_t i;

        for (i = 0; i < effnet_model_warning_count(subject->model); i++)
                js_add(array, js_text(effnet_model_warning(subject->model, i)));
        return array;
}

/* A line for each source, then the warnings, broken at blanks. */
static void
print_sources(const struct subject *subject)
{
        char text[SOURCE_SIZE];
        size_t i;
        int32_t w;

        puts("sources");
        for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
                printf("  %-14s%s\n", sources[i].name,
                       source(subject, sources[i].key, text));
        for (w = 0; w < effnet_model_warning_count(subject->model); w++)
                print_warning(effnet_model_warning(subject->model, w));
}

static js_value *
layer_json(const effnet_summary *summary, int32_t index)
{
        js_value *layer = js_object(), *output = js_array();
        int64_t shape[3] = {0};
        int i;

        (void)effnet_summary_layer_output(summary, index, shape);
        for (i = 0; i < 3; i++)
                js_add(output, js_integer(shape[i]));
        js_set(layer, "name",
               js_text(effnet_summary_layer_name(summary, index)));
        js_set(layer, "op", js_text(effnet_summary_layer_op(summary, index)));
        js_set(layer, "output", output);
        js_set(layer, "parameters",
               js_integer(effnet_summary_layer_parameters(summary, index)));
        js_set(layer, "macs",
               js_integer(effnet_summary_layer_macs(summary, index)));
        return layer;
}

static void
print_json(const struct subject *subject, bool with_layers)
{
        int64_t side = get_int(subject, EFFNET_CONFIG_RESOLUTION);
        js_value *object = js_object(), *resolution = js_array(), *layers;
        int32_t i;

        js_add(resolution, js_integer(side));
        js_add(resolution, js_integer(side));
        js_set(object, "name", js_text(effnet_config_name(subject->config)));
        js_set(object, "family",
               js_text(effnet_config_family(subject->config)));
        js_set(object, "container", js_text(container(subject)));
        js_set(object, "parameters",
               js_integer(effnet_summary_parameters(subject->summary)));
        js_set(object, "macs",
               js_integer(effnet_summary_macs(subject->summary)));
        js_set(object, "resolution", resolution);
        js_set(object, "classes",
               js_integer(get_int(subject, EFFNET_CONFIG_CLASSES)));
        js_set(object, "padding",
               js_text(paddings[get_int(subject, EFFNET_CONFIG_PADDING)]));
        js_set(object, "epsilon",
               js_real(get_double(subject, EFFNET_CONFIG_EPSILON)));
        js_set(object, "multi_label",
               js_boolean(effnet_model_multi_label(subject->model)));
        js_set(object, "preprocessing", steps_json(subject->steps));
        js_set(object, "sources", sources_json(subject));
        js_set(object, "warnings", warnings_json(subject));
        if (with_layers) {
                layers = js_array();
                for (i = 0; i < effnet_summary_layer_count(subject->summary);
                     i++)
                        js_add(layers, layer_json(subject->summary, i));
                js_set(object, "layers", layers);
        }
        if (subject->session != NULL)
                js_set(object, "plan", plan_json(subject->session));
        js_print(object);
}

static void
print_layers(const effnet_summary *summary)
{
        char parameters[NUMBER_SIZE], macs[NUMBER_SIZE], output[64];
        int64_t shape[3] = {0};
        int32_t i;

        printf("\n%-22s%-15s%12s%12s%16s\n", "layer", "op", "output",
               "parameters", "MACs");
        for (i = 0; i < effnet_summary_layer_count(summary); i++) {
                (void)effnet_summary_layer_output(summary, i, shape);
                snprintf(output, sizeof(output),
                         "%" PRId64 "x%" PRId64 "x%" PRId64, shape[0], shape[1],
                         shape[2]);
                printf("%-22s%-15s%12s%12s%16s\n",
                       effnet_summary_layer_name(summary, i),
                       effnet_summary_layer_op(summary, i), output,
                       count_text(parameters,
                                  effnet_summary_layer_parameters(summary, i)),
                       count_text(macs, effnet_summary_layer_macs(summary, i)));
        }
}

static void
print_text(const struct subject *subject, bool with_layers)
{
        char number[NUMBER_SIZE];
        int64_t side = get_int(subject, EFFNET_CONFIG_RESOLUTION);

        printf("%s\n", effnet_config_name(subject->config));
        printf("  %-14s%s\n", "family", effnet_config_family(subject->config));
        printf("  %-14s%s\n", "container", container(subject));
        printf("  %-14s%s\n", "parameters",
               count_text(number, effnet_summary_parameters(subject->summary)));
        printf("  %-14s%s\n", "MACs",
               count_text(number, effnet_summary_macs(subject->summary)));
        printf("  %-14s%" PRId64 "x%" PRId64 "\n", "resolution", side, side);
        printf("  %-14s%" PRId64 "\n", "classes",
               get_int(subject, EFFNET_CONFIG_CLASSES));
        printf("  %-14s%s\n", "padding",
               paddings[get_int(subject, EFFNET_CONFIG_PADDING)]);
        printf("  %-14s%g\n", "epsilon",
               get_double(subject, EFFNET_CONFIG_EPSILON));
        printf("  %-14s%s\n", "multi_label",
               effnet_model_multi_label(subject->model) ? "yes" : "no");
        puts("preprocessing");
        steps_print(subject->steps);
        print_sources(subject);
        if (with_layers)
                print_layers(subject->summary);
        if (subject->session != NULL) {
                putchar('\n');
                plan_print(subject->session);
        }
}

/* Of a name alone, a model of seeded weights is made for it. */
static bool
find_plan(struct subject *subject, const struct plan_wish *wish)
{
        effnet_model *model = effnet_model_retain(subject->model);

        if (model == NULL &&
            effnet_model_create(&model, subject->config, 1, NULL) != EFFNET_OK)
                complain("%s", effnet_last_error());
        if (model != NULL)
                subject->session = plan_make(model, wish);
        effnet_model_release(model);
        return subject->session != NULL;
}

/* Fills in config and steps; false after a complaint. */
static bool
find_subject(struct subject *subject, const struct model_choice *choice)
{
        effnet_status status;

        if (model_is_file(choice)) {
                subject->model = model_load(choice);
                if (subject->model == NULL)
                        return false;
                status = effnet_config_copy(
                        &subject->config, effnet_model_config(subject->model));
                if (status == EFFNET_OK)
                        status = effnet_preprocess_copy(
                                &subject->steps,
                                effnet_model_preprocess(subject->model));
        } else {
                subject->config = model_named(choice->path);
                if (subject->config == NULL)
                        return false;
                status = effnet_preprocess_create_for(&subject->steps,
                                                      subject->config);
        }
        if (status == EFFNET_OK)
                status = effnet_summary_create(&subject->summary,
                                               subject->config, 0, 0);
        if (status != EFFNET_OK)
                complain("%s", effnet_last_error());
        return status == EFFNET_OK;
}

int
command_info(int argc, char **argv)
{
        struct request request = {.model = {.quiet = true}, .wish = PLAN_WISH};
        struct subject subject = {0};
        int operands, code = parse(&request, argc, argv, &operands);

        if (code != EXIT_NONE)
                return code;
        code = EXIT_NOTHING;
        request.model.path = operands > 0 ? argv[0] : NULL;
        if (find_subject(&subject, &request.model) &&
            (!request.plan || find_plan(&subject, &request.wish))) {
                if (request.format == 0)
                        print_text(&subject, request.layers);
                else
                        print_json(&subject, request.layers);
                code = output_flush() ? EXIT_DONE : EXIT_NOTHING;
        }
        effnet_session_free(subject.session);
        effnet_summary_free(subject.summary);
        effnet_preprocess_free(subject.steps);
        effnet_config_free(subject.config);
        effnet_model_release(subject.model);
        return code;
}
