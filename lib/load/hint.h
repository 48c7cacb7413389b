/* hint.h: what a file's name tells of its tensors' architecture. */
#ifndef EN_LOAD_HINT_H
#define EN_LOAD_HINT_H

#include "arch/config.h"

/* Where the base name of `path` begins with a name of the same family and
 * variant as `config`, sets `config` to that architecture and weights, with its
 * classes and input channels kept: "tf_efficientnet_b0_ap.pth" has the shapes
 * of efficientnet_b0, but other padding, epsilon and preprocessing.  Whether it
 * does.
 */
bool en_hint_by_name(effnet_config *config, const char *path);

#endif
