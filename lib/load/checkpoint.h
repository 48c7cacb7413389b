/* checkpoint.h: the door of this room: an opened checkpoint, recognised and
 * checked against the network that its shapes tell.
 */
#ifndef EN_LOAD_CHECKPOINT_H
#define EN_LOAD_CHECKPOINT_H

#include "arch/params.h"
#include "base/options.h"
#include "base/source.h"
#include "load/variant.h"

typedef struct en_checkpoint en_checkpoint;

/* Sniffs the container, reads its table of tensors, strips wrappers,
 * recognises family and variant, and compares every tensor with the expected
 * shape.  Values are not read yet.  `source` must outlive the checkpoint.
 * Messages begin with the source's name.
 */
effnet_status en_checkpoint_open(en_checkpoint **checkpoint,
                                 const en_source *source,
                                 const effnet_options *options);
void en_checkpoint_close(en_checkpoint *checkpoint);

/* The architecture: variant from the shapes, classes and input channels from
 * the shapes, padding and epsilon by family or as the options say.
 */
const effnet_config *en_checkpoint_config(const en_checkpoint *checkpoint);

/* What told it, and what else the file says. */
en_finding *en_checkpoint_finding(en_checkpoint *checkpoint);
/* Its labels, from now on the caller's; NULL: none. */
en_labels *en_checkpoint_take_labels(en_checkpoint *checkpoint);

/* "torch-zip", "torch-legacy", "safetensors" or "hdf5"; static text. */
const char *en_checkpoint_container(const en_checkpoint *checkpoint);

/* Reads each parameter of a network of that config, widened to float. */
en_params en_checkpoint_params(en_checkpoint *checkpoint);

#endif
