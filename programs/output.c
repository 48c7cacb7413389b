/* output.c: a picture's classes as text with bars, JSON or CSV. */
#include "output.h"
#include "json.h"
#include "text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LABEL_COLUMNS 30 /* ImageNet's longest but one has 30 */
#define BAR_COLUMNS   38 /* 2 + 30 + 2 + 5 + 2 + 38 < 80 */

const char *const output_formats[] = {"text", "json", "csv", NULL};

static void
nothing_to_begin(void)
{
}

static void
no_failure(const char *image, const struct failure *failure)
{
        (void)image;
        (void)failure;
}

/* Whether the terminal shows UTF-8, as far as the environment tells. */
static bool
is_utf8(void)
{
        static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
        const char *value = NULL;
        size_t i;

        for (i = 0; i < 3 && (value == NULL || *value == '\0'); i++)
                value = getenv(names[i]);
        for (; value != NULL && *value != '\0'; value++)
                if (strncasecmp(value, "utf-8", 5) == 0 ||
                    strncasecmp(value, "utf8", 4) == 0)
                        return true;
        return false;
}

/* A bar for 0...1: eighths of a column in UTF-8, where anything above 0 shows,
 * else whole ones.
 */
static void
print_bar(float share)
{
        static const char *const eighths[] = {
                "",
                "\xE2\x96\x8F",
                "\xE2\x96\x8E",
                "\xE2\x96\x8D",
                "\xE2\x96\x8C",
                "\xE2\x96\x8B",
                "\xE2\x96\x8A",
                "\xE2\x96\x89",
        };
        int i, parts, step = is_utf8() ? 8 : 1;

        if (!(share > 0))
                return;
        parts = (int)(share * (float)(BAR_COLUMNS * step) + 0.5f);
        if (parts == 0 && step == 8)
                parts = 1;
        if (parts >= step || step == 8)
                fputs("  ", stdout);
        for (i = 0; i < parts / step; i++)
                fputs(step == 8 ? "\xE2\x96\x88" : "#", stdout);
        if (step == 8)
                fputs(eighths[parts % 8], stdout);
}

static void
print_row(const struct result *result, int32_t rank)
{
        int32_t class_index = result->classes[rank];
        const char *label = effnet_model_label(result->model, class_index);
        float probability = result->probabilities[rank];
        char number[NUMBER_SIZE];
        size_t used;

        if (label == NULL) {
                snprintf(number, sizeof(number), "class %" PRId32, class_index);
                label = number;
        }
        fputs("  ", stdout);
        used = text_write(stdout, label, LABEL_COLUMNS);
        printf("%*s", (int)(LABEL_COLUMNS - used) + 2, "");
        if (probability != probability) {
                puts("  nan");
                return;
        }
        printf("%.3f", (double)probability);
        print_bar(probability);
        putchar('\n');
}

static void
text_result(const struct result *result)
{
        static bool is_later;
        int32_t i;

        if (is_later)
                putchar('\n');
        is_later = true;
        text_write(stdout, result->image, 0);
        putchar('\n');
        for (i = 0; i < result->count; i++)
                print_row(result, i);
        printf("  decoded in %.1f ms, preprocessed and run in %.1f ms\n",
               result->decode_ms, result->run_ms);
}

static void
json_result(const struct result *result)
{
        js_value *line = js_object(), *top = js_array(), *entry;
        int32_t i;

        for (i = 0; i < result->count; i++) {
                entry = js_object();
                js_set(entry, "class", js_integer(result->classes[i]));
                js_set(entry, "label",
                       js_text(effnet_model_label(result->model,
                                                  result->classes[i])));
                js_set(entry, "probability",
                       js_float(result->probabilities[i]));
                js_set(entry, "logit", js_float(result->logits[i]));
                js_add(top, entry);
        }
        js_set(line, "image", js_text(result->image));
        js_set(line, "top", top);
        js_print(line);
}

static void
json_failure(const char *image, const struct failure *failure)
{
        js_value *line = js_object(), *error = js_object();

        js_set(error, "status", js_text(failure->status));
        js_set(error, "message", js_text(failure->message));
        js_set(line, "image", js_text(image));
        js_set(line, "error", error);
        js_print(line);
}

static void
csv_begin(void)
{
        puts("image,rank,class,label,probability,logit");
}

static void
csv_result(const struct result *result)
{
        char probability[NUMBER_SIZE], logit[NUMBER_SIZE];
        const char *label;
        int32_t i;

        for (i = 0; i < result->count; i++) {
                label = effnet_model_label(result->model, result->classes[i]);
                csv_write(stdout, result->image);
                printf(",%" PRId32 ",%" PRId32 ",", i + 1, result->classes[i]);
                csv_write(stdout, label != NULL ? label : "");
                printf(",%s,%s\n",
                       float_text(probability, result->probabilities[i]),
                       float_text(logit, result->logits[i]));
        }
}

const struct output outputs[] = {
        {nothing_to_begin, text_result, no_failure},
        {nothing_to_begin, json_result, json_failure},
        {csv_begin, csv_result, no_failure},
};
