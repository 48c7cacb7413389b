/* hdf5.h: weights that Keras wrote as HDF5. */
#ifndef EN_LOAD_HDF5_H
#define EN_LOAD_HDF5_H

#include "load/container.h"

/* Names are Keras' own, "stem_conv/kernel". */
effnet_status en_hdf5_container_open(en_container **container,
                                     const en_source *source,
                                     const effnet_options *options);

#endif
