/* safetensors.h: a JSON header, then the tensors. */
#ifndef EN_LOAD_SAFETENSORS_H
#define EN_LOAD_SAFETENSORS_H

#include "load/container.h"

effnet_status en_safetensors_open(en_container **container,
                                  const en_source *source,
                                  const effnet_options *options);

#endif
