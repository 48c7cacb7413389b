/* cameras.c: name what several cameras see, in one call.
 *
 *   cc cameras.c $(pkg-config --cflags --libs effnet) -o cameras
 *   ./cameras efficientnet_b0.pth front.nv12 1280x720 door.nv12 640x480
 *
 * Each file is a raw NV12 frame of the size behind it, as v4l2-ctl and ffmpeg
 * write them; the sizes may differ.  A camera without a frame is told of, and
 * the others are named all the same.
 */
#include <effnet.h>

#include <stdio.h>
#include <stdlib.h>

#define CAMERAS 16

/* The frame's bytes, or NULL. */
static unsigned char *
grab(const char *path, size_t size)
{
        unsigned char *bytes = malloc(size);
        FILE *file = fopen(path, "rb");
        size_t read = 0;

        if (file != NULL && bytes != NULL)
                read = fread(bytes, 1, size, file);
        if (file != NULL)
                fclose(file);
        if (read == size)
                return bytes;
        free(bytes);
        return NULL;
}

/* An image over a frame, which frees it; NULL where there is none. */
static effnet_image *
look(const char *path, const char *size)
{
        int width = 0, height = 0;
        const void *planes[3] = {NULL, NULL, NULL};
        int64_t strides[3] = {0, 0, 0};
        effnet_image *image = NULL;
        unsigned char *frame;

        if (sscanf(size, "%dx%d", &width, &height) != 2 || width < 1 ||
            height < 1 || width > 16384 || height > 16384)
                return NULL;
        /* Luma, then pairs of Cb and Cr, half as wide and high. */
        strides[0] = width;
        strides[1] = (width + 1) / 2 * 2;
        frame = grab(path, (size_t)(strides[0] * height +
                                    strides[1] * ((height + 1) / 2)));
        if (frame == NULL)
                return NULL;
        planes[0] = frame;
        planes[1] = frame + strides[0] * height;
        if (effnet_image_wrap_planes(&image, EFFNET_PIXEL_NV12, width, height,
                                     planes, strides, free, frame))
                free(frame);
        return image;
}

static int
name_all(effnet_session *session, const effnet_model *model,
         const effnet_image *const *frames, char **names, int count)
{
        int32_t classes[CAMERAS];
        float scores[CAMERAS];
        effnet_status statuses[CAMERAS];
        int failed = 0;

        /* The best class of each; statuses tell which of them failed. */
        if (effnet_session_classify_many(session, frames, count, 1, NULL,
                                         classes, scores, statuses))
                fprintf(stderr, "%s\n", effnet_last_error());
        for (int i = 0; i < count; i++) {
                const char *label = effnet_model_label(model, classes[i]);

                if (statuses[i] == EFFNET_OK)
                        printf("%s: %s %.4f\n", names[2 * i],
                               label != NULL ? label : "?", scores[i]);
                else
                        printf("%s: failed: %s\n", names[2 * i],
                               effnet_status_name(statuses[i]));
                failed |= statuses[i] != EFFNET_OK;
        }
        return failed;
}

int
main(int argc, char **argv)
{
        effnet_options *options = NULL;
        effnet_model *model = NULL;
        effnet_session *session = NULL;
        effnet_image *frames[CAMERAS] = {NULL};
        int count = (argc - 2) / 2, failed = 1;

        if (argc < 4 || argc % 2 != 0 || count > CAMERAS) {
                fprintf(stderr, "usage: %s MODEL [FRAME WIDTHxHEIGHT]...\n",
                        argv[0]);
                return 2;
        }
        if (effnet_options_create(&options) ||
            effnet_options_set_int(options, EFFNET_OPTION_THREADS, 4) ||
            effnet_model_load_file(&model, argv[1], NULL) ||
            effnet_session_create(&session, model, options)) {
                fprintf(stderr, "%s\n", effnet_last_error());
        } else {
                for (int i = 0; i < count; i++)
                        frames[i] = look(argv[2 + 2 * i], argv[3 + 2 * i]);
                failed = name_all(session, model,
                                  (const effnet_image *const *)frames, argv + 2,
                                  count);
        }
        for (int i = 0; i < count; i++)
                effnet_image_free(frames[i]);
        effnet_session_free(session);
        effnet_model_release(model);
        effnet_options_free(options);
        return failed;
}
