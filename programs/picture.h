/* picture.h: reading a picture, and changes to how it is preprocessed. */
#ifndef PROGRAMS_PICTURE_H
#define PROGRAMS_PICTURE_H

#include "args.h"
#include "effnet.h"
#include "failure.h"

/* Reads a file, or standard input for "-". */
bool picture_read(effnet_image **image, const char *path,
                  struct failure *failure);

/* What the command line wants other than the model's own steps. */
struct picture_changes {
        struct picture_size {
                bool given;
                int32_t width, height; /* width 0: only one number */
        } resize, crop;
        int mode;   /* index of picture_modes; -1: not given */
        int filter; /* index of picture_filters; -1: not given */
        struct picture_triple {
                bool given;
                float values[3];
        } mean, std;
};

#define PICTURE_CHANGES_NONE                                                   \
        {                                                                      \
                .mode = -1, .filter = -1                                       \
        }

extern const char *const picture_modes[];   /* by EFFNET_MODE_* - 1 */
extern const char *const picture_filters[]; /* by EFFNET_FILTER_*; NULL ends */

bool parse_size(const struct option *option, const char *text,
                char expected[EXPECTED_SIZE]);
bool parse_triple(const struct option *option, const char *text,
                  char expected[EXPECTED_SIZE]);

/* The lines of a subcommand's option table for a struct picture_changes. */
#define PICTURE_OPTIONS(changes)                                               \
        {.name = "mode",                                                       \
         .value = "MODE",                                                      \
         .help = "centre, crop-first, squash or border: how to get\n"          \
                 "to the size",                                                \
         .parse = parse_choice,                                                \
         .target = &(changes).mode,                                            \
         .choices = picture_modes},                                            \
                {.name = "resize",                                             \
                 .value = "N|WxH",                                             \
                 .help = "shorter side to N pixels, or both as given",         \
                 .parse = parse_size,                                          \
                 .target = &(changes).resize},                                 \
                {.name = "crop",                                               \
                 .value = "N|WxH",                                             \
                 .help = "cut that much out of the centre",                    \
                 .parse = parse_size,                                          \
                 .target = &(changes).crop},                                   \
                {.name = "filter",                                             \
                 .value = "FILTER",                                            \
                 .help = "nearest, bilinear or bicubic, for resizing",         \
                 .parse = parse_choice,                                        \
                 .target = &(changes).filter,                                  \
                 .choices = picture_filters},                                  \
                {.name = "mean",                                               \
                 .value = "R,G,B",                                             \
                 .help = "subtracted, in units of 0...1",                      \
                 .parse = parse_triple,                                        \
                 .target = &(changes).mean},                                   \
        {                                                                      \
                .name = "std", .value = "R,G,B",                               \
                .help = "divided by, in units of 0...1",                       \
                .parse = parse_triple, .target = &(changes).std                \
        }

#define PICTURE_NOTES                                                          \
        "Pictures are prepared as published with the model, which effnet "     \
        "info shows.\nEach option from --mode on changes one part and leaves " \
        "the others, except\nthat --resize or --crop makes a model that "      \
        "crops first resize first, unless\n--mode says otherwise: then the "   \
        "crop, if not given, stays, and the shorter\nside, if not given, is "  \
        "resized to the crop + 32.  A picture smaller than the\ncrop gets a "  \
        "black border, with --mode border one of the mean.\n\n"                \
        "What torchvision's tutorials do with EfficientNet-B0:\n"              \
        "  --resize 256 --filter bilinear --crop 224 \\\n"                     \
        "  --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225"

/* Makes the changes; a status of the library. */
effnet_status picture_change(effnet_preprocess *preprocess,
                             const struct picture_changes *changes);

#endif
