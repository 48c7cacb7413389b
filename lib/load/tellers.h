/* tellers.h: all that is said of a model beside its tensors, by rank. */
#ifndef EN_LOAD_TELLERS_H
#define EN_LOAD_TELLERS_H

#include "load/told.h"
#include "load/view.h"

/* From the weakest to the strongest. */
typedef enum en_teller {
        EN_TELLER_CONFIG_JSON,
        EN_TELLER_PROCESSOR_JSON,
        EN_TELLER_OTHERS, /* others' metadata */
        EN_TELLER_OWN,    /* this project's */
        EN_TELLERS
} en_teller;

typedef struct en_tellers {
        en_told list[EN_TELLERS];
        en_warnings *warnings;
        const effnet_options *options;
} en_tellers;

/* Asks all.  Who tells of another number of classes than `classes`, the rows of
 * the classifier (0: it has none), is silenced.  `tellers` is to be freed even
 * after a failure.
 */
effnet_status en_tellers_ask(en_tellers *tellers, const en_view *view,
                             int32_t classes, const effnet_options *options,
                             en_warnings *warnings);
void en_tellers_clear(en_tellers *tellers);

/* Whoever of those that remain says so: the classifier's first row is that of a
 * background, so that there is one class less than rows.  NULL: nobody.
 */
const en_told *en_tellers_background(const en_tellers *tellers, int32_t rows);

/* Takes back all that one said, with a warning; with EFFNET_OPTION_SIDECARS 2 a
 * failure of a file beside the checkpoint.
 */
effnet_status en_tellers_silence(en_tellers *tellers, en_teller who,
                                 const char *why);

/* The labels of the strongest that has one for each class, from now on the
 * caller's; `told` is who.  With a background among them if `dropped` is 1.
 */
en_labels *en_tellers_labels(en_tellers *tellers, int32_t classes,
                             int32_t dropped, const en_told **told);

/* The steps of preprocessing, each by the strongest that tells it; `origins`,
 * by EFFNET_SOURCE_*, is set with them.
 */
void en_tellers_steps(const en_tellers *tellers, en_preset *preset,
                      en_origin *origins);

/* Whether the model is told to be multi-label; `origin` is set if it is told at
 * all.
 */
bool en_tellers_multi_label(const en_tellers *tellers, en_origin *origin);

#endif
