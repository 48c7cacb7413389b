/* classify.c: name what is in a picture.
 *
 *   cc classify.c $(pkg-config --cflags --libs effnet) -o classify
 *   ./classify efficientnet_b0.pth dog.jpg
 */
#include <effnet.h>

#include <stdio.h>

#define BEST 5

static int
print(const effnet_model *model, int32_t class_index, float score)
{
        const char *label = effnet_model_label(model, class_index);

        if (label == NULL)
                return printf("class %d %.4f\n", (int)class_index, score);
        return printf("%s %.4f\n", label, score);
}

int
main(int argc, char **argv)
{
        effnet_model *model = NULL;
        effnet_session *session = NULL;
        effnet_image *image = NULL;
        int32_t classes[BEST], n = BEST;
        float scores[BEST];
        int failed = 1;

        if (argc != 3) {
                fprintf(stderr, "usage: %s MODEL IMAGE\n", argv[0]);
                return 2;
        }
        if (effnet_model_load_file(&model, argv[1], NULL) ||
            effnet_session_create(&session, model, NULL) ||
            effnet_image_read_file(&image, argv[2], NULL) ||
            effnet_session_classify(session, image, &n, classes, scores)) {
                fprintf(stderr, "%s\n", effnet_last_error());
                goto done;
        }
        for (int i = 0; i < n; i++)
                print(model, classes[i], scores[i]);
        failed = 0;
done:
        effnet_image_free(image);
        effnet_session_free(session);
        effnet_model_release(model);
        return failed;
}
