/* header_test.c: the public header by itself, twice, in C and in C++. */
#include "effnet.h"

int main(void);

int
main(void)
{
        effnet_model *model = NULL;
        effnet_session *session = NULL;
        int32_t count = 5, classes[5] = {0};
        float scores[5] = {0};

        if (effnet_model_load_file(&model, "model", NULL) != EFFNET_OK ||
            effnet_session_create(&session, model, NULL) != EFFNET_OK)
                return effnet_last_error()[0] == '\0';
        effnet_session_classify(session, NULL, &count, classes, scores);
        effnet_session_free(session);
        effnet_model_release(model);
        return EFFNET_VERSION_MAJOR * 10000 + EFFNET_VERSION_MINOR * 100 +
                       EFFNET_VERSION_PATCH !=
               effnet_version();
}
