/* picture.c: reading a picture, and changes to how it is preprocessed. */
#include "picture.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As effnet.h has it at effnet_preprocess_set_crop. */
#define MOST_SIDE 16384
/* Between crop and shorter side where a model that crops first resizes first:
 * what the crop-first rule itself leaves off, c of c + 32, as effnet.h has it
 * at EFFNET_MODE_CROP_FIRST.
 */
#define CROP_MARGIN 32

const char *const picture_modes[] = {
        [EFFNET_MODE_CENTRE - 1] = "centre",
        [EFFNET_MODE_CROP_FIRST - 1] = "crop-first",
        [EFFNET_MODE_SQUASH - 1] = "squash",
        [EFFNET_MODE_BORDER - 1] = "border",
        NULL,
};

const char *const picture_filters[] = {
        [EFFNET_FILTER_NEAREST] = "nearest",
        [EFFNET_FILTER_BILINEAR] = "bilinear",
        [EFFNET_FILTER_BICUBIC] = "bicubic",
        NULL,
};

static bool
read_stream(effnet_image **image, int fd, const char *path,
            struct failure *failure)
{
        effnet_status status;
        size_t size;
        unsigned char *bytes = stream_read_picture(fd, &size);

        if (bytes == NULL) {
                failure_of_system(failure, path, "read", errno);
                return false;
        }
        if (size == 0) {
                free(bytes);
                failure_because(failure, EFFNET_ERROR_FORMAT, path,
                                "it is empty; a PNG or JPEG was expected");
                return false;
        }
        status = effnet_image_read_memory(image, bytes, size, NULL);
        free(bytes);
        if (status != EFFNET_OK)
                failure_of_library(failure, status, path);
        return status == EFFNET_OK;
}

/* A pipe, such as the shell's <(...), which cannot be read twice. */
static bool
read_pipe(effnet_image **image, const char *path, struct failure *failure)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        bool done;

        if (fd == -1) {
                failure_of_system(failure, path, "open", errno);
                return false;
        }
        done = read_stream(image, fd, path, failure);
        close(fd);
        return done;
}

bool
picture_read(effnet_image **image, const char *path, struct failure *failure)
{
        struct stat status;
        effnet_status code;

        *image = NULL;
        if (strcmp(path, "-") == 0)
                return read_stream(image, STDIN_FILENO, "standard input",
                                   failure);
        if (stat(path, &status) != 0) {
                failure_of_system(failure, path, "open", errno);
                return false;
        }
        if (S_ISFIFO(status.st_mode))
                return read_pipe(image, path, failure);
        code = effnet_image_read_file(image, path, NULL);
        if (code != EFFNET_OK)
                failure_of_library(failure, code, path);
        return code == EFFNET_OK;
}

/* A whole number from 1 to MOST_SIDE at the start of `text`; NULL if there is
 * none, else where it ends.
 */
static const char *
side_end(const char *text, int32_t *side)
{
        char *end;
        long value;

        if (*text < '0' || *text > '9')
                return NULL;
        value = strtol(text, &end, 10); /* LONG_MAX if it is too long */
        if (value < 1 || value > MOST_SIDE)
                return NULL;
        *side = (int32_t)value;
        return end;
}

bool
parse_size(const struct option *option, const char *text,
           char expected[EXPECTED_SIZE])
{
        struct picture_size size = {true, 0, 0};
        const char *end = side_end(text, &size.height);

        if (end != NULL && *end == 'x') {
                size.width = size.height;
                end = side_end(end + 1, &size.height);
        }
        if (end == NULL || *end != '\0') {
                snprintf(expected, EXPECTED_SIZE,
                         "N or WxH with numbers from 1 to %d", MOST_SIDE);
                return false;
        }
        *(struct picture_size *)option->target = size;
        return true;
}

bool
parse_triple(const struct option *option, const char *text,
             char expected[EXPECTED_SIZE])
{
        struct picture_triple triple = {.given = true};
        double number;
        int i;

        snprintf(expected, EXPECTED_SIZE, "three numbers R,G,B");
        for (i = 0; i < 3; i++) {
                text = number_end(text, &number);
                if (text == NULL || *text != (i < 2 ? ',' : '\0'))
                        return false;
                triple.values[i] = (float)number;
                text++;
        }
        *(struct picture_triple *)option->target = triple;
        return true;
}

/* From crop-first to resizing first, with a size for either part. */
static effnet_status
resize_first(effnet_preprocess *preprocess, int32_t mode)
{
        int32_t height, width;
        effnet_status status = effnet_preprocess_set_mode(preprocess, mode);

        if (status == EFFNET_OK)
                status = effnet_preprocess_get_crop(preprocess, &height,
                                                    &width);
        if (status != EFFNET_OK)
                return status;
        height = (height > width ? height : width) + CROP_MARGIN;
        return effnet_preprocess_set_resize(
                preprocess, height < MOST_SIDE ? height : MOST_SIDE, 0);
}

/* The mode that is asked for, or that sizes bring with them. */
static effnet_status
change_mode(effnet_preprocess *preprocess,
            const struct picture_changes *changes)
{
        int32_t from = effnet_preprocess_mode(preprocess);
        int32_t to = changes->mode >= 0 ? changes->mode + 1 : from;

        if (changes->mode < 0 && (changes->resize.given || changes->crop.given))
                to = from == EFFNET_MODE_CROP_FIRST ? EFFNET_MODE_CENTRE : from;
        if (from == EFFNET_MODE_CROP_FIRST && to != from)
                return resize_first(preprocess, to);
        return effnet_preprocess_set_mode(preprocess, to);
}

static effnet_status
change_sizes(effnet_preprocess *preprocess,
             const struct picture_changes *changes)
{
        const struct picture_size *resize = &changes->resize;
        const struct picture_size *crop = &changes->crop;
        effnet_status status = EFFNET_OK;

        if (crop->given)
                status = effnet_preprocess_set_crop(
                        preprocess, crop->height,
                        crop->width != 0 ? crop->width : crop->height);
        if (status == EFFNET_OK)
                status = change_mode(preprocess, changes);
        if (status == EFFNET_OK && resize->given)
                status = effnet_preprocess_set_resize(
                        preprocess, resize->height, resize->width);
        return status;
}

effnet_status
picture_change(effnet_preprocess *preprocess,
               const struct picture_changes *changes)
{
        effnet_status status = change_sizes(preprocess, changes);

        if (status == EFFNET_OK && changes->filter >= 0)
                status = effnet_preprocess_set_filter(preprocess,
                                                      changes->filter);
        if (status == EFFNET_OK && changes->mean.given)
                status = effnet_preprocess_set_mean(preprocess,
                                                    changes->mean.values);
        if (status == EFFNET_OK && changes->std.given)
                status = effnet_preprocess_set_std(preprocess,
                                                   changes->std.values);
        return status;
}
