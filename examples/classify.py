#!/usr/bin/env python3
"""Name what is in a picture, through ctypes alone.

    python3 classify.py MODEL IMAGE

EFFNET_LIBRARY names the shared library where the loader does not find it.
"""
import ctypes
import os
import sys

lib = ctypes.CDLL(os.environ.get("EFFNET_LIBRARY", "libeffnet.so.0"))
lib.effnet_last_error.restype = ctypes.c_char_p
lib.effnet_model_label.restype = ctypes.c_char_p
lib.effnet_model_label.argtypes = [ctypes.c_void_p, ctypes.c_int32]
for release in ("effnet_image_free", "effnet_session_free",
                "effnet_model_release"):
    getattr(lib, release).argtypes = [ctypes.c_void_p]
    getattr(lib, release).restype = None


def check(status):
    if status:
        sys.exit(lib.effnet_last_error().decode("utf-8", "replace"))


def classify(model_path, image_path, k=5):
    """Yields the k best (label, probability), best first."""
    model, session, image = (ctypes.c_void_p() for _ in range(3))
    count = ctypes.c_int32(k)
    classes = (ctypes.c_int32 * k)()
    scores = (ctypes.c_float * k)()
    try:
        check(lib.effnet_model_load_file(
            ctypes.byref(model), os.fsencode(model_path), None))
        check(lib.effnet_session_create(ctypes.byref(session), model, None))
        check(lib.effnet_image_read_file(
            ctypes.byref(image), os.fsencode(image_path), None))
        check(lib.effnet_session_classify(
            session, image, ctypes.byref(count), classes, scores))
        for i in range(count.value):
            label = lib.effnet_model_label(model, classes[i])
            yield (label.decode() if label else f"class {classes[i]}",
                   scores[i])
    finally:
        lib.effnet_image_free(image)
        lib.effnet_session_free(session)
        lib.effnet_model_release(model)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} MODEL IMAGE")
    for name, probability in classify(sys.argv[1], sys.argv[2]):
        print(f"{name} {probability:.4f}")
