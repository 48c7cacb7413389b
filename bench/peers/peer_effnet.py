"""effnet, from the checkpoint itself, through its C functions."""
import ctypes

import numpy

import peer

OPTION_THREADS = 1
OPTION_ARCHITECTURE = 3
TYPE_F32 = 1
OUTPUT_LOGITS = 1
CLASSES = 1000


class Peer(peer.Peer):
    @staticmethod
    def prepare(arguments):
        Peer.lib = ctypes.CDLL(str((arguments.build /
                                    "libeffnet.so").resolve()))
        Peer.lib.effnet_last_error.restype = ctypes.c_char_p
        Peer.lib.effnet_tensor_data.restype = ctypes.c_void_p

    def __init__(self, case, threads):
        options = self.make("effnet_options_create")
        self.call("effnet_options_set_int", options, OPTION_THREADS,
                  ctypes.c_int64(threads))
        architecture = architecture_of(case)
        if architecture is not None:
            self.call("effnet_options_set_string", options,
                      OPTION_ARCHITECTURE, architecture.encode())
        self.model = self.make("effnet_model_load_file",
                               str(case.checkpoint).encode(), options)
        self.session = self.make("effnet_session_create", self.model, options)
        self.input = None
        self.result = numpy.empty(CLASSES, numpy.float32)

    def call(self, name, *arguments):
        if getattr(self.lib, name)(*arguments) != 0:
            raise RuntimeError(self.lib.effnet_last_error().decode())

    def make(self, name, *arguments):
        handle = ctypes.c_void_p()
        self.call(name, ctypes.byref(handle), *arguments)
        return handle

    def run(self, image):
        if self.input is None:
            self.input = self.make("effnet_tensor_create", TYPE_F32, 4,
                                   (ctypes.c_int64 * 4)(*image.shape))
        ctypes.memmove(self.lib.effnet_tensor_data(self.input),
                       image.ctypes.data, image.nbytes)
        self.call("effnet_session_run", self.session, self.input)
        self.call("effnet_session_copy_output", self.session, OUTPUT_LOGITS,
                  ctypes.c_void_p(self.result.ctypes.data),
                  ctypes.c_size_t(CLASSES), None)
        return self.result


def architecture_of(case):
    """What the tensors do not tell: timm's Lite pads as TensorFlow."""
    return (f"tf_efficientnet_{case.name}" if case.name.startswith("lite")
            else None)
