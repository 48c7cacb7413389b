/* sniff.c: what a file is, by its first bytes, never by its name. */
#include "load/sniff.h"

#include "base/options.h"
#include "base/status.h"
#include "load/bytes.h"

#include <stdbool.h>
#include <string.h>

#define EXPORT                                                                 \
        "expected a PyTorch state_dict (.pth) or safetensors: export the "     \
        "weights as one of these"

#define ONNX "an ONNX model; " EXPORT

/* Files that are mistaken for checkpoints: `length` bytes at `at`. */
static const struct {
        uint16_t at;
        uint8_t length;
        const char *bytes;
        effnet_status status;
        const char *message;
} others[] = {
        {0, 23, "version https://git-lfs", EFFNET_ERROR_FORMAT,
         "a Git LFS pointer instead of the file it points to: fetch it with "
         "\"git lfs pull\""},
        {0, 8, "\x89PNG\r\n\x1a\n", EFFNET_ERROR_FORMAT,
         "a PNG picture; expected a checkpoint"},
        {0, 3, "\xff\xd8\xff", EFFNET_ERROR_FORMAT,
         "a JPEG picture; expected a checkpoint"},
        {0, 4, "GIF8", EFFNET_ERROR_FORMAT,
         "a GIF picture; expected a checkpoint"},
        {0, 4, "RIFF", EFFNET_ERROR_FORMAT,
         "a RIFF file (WebP?); expected a checkpoint"},
        {0, 4, "PK\5\6", EFFNET_ERROR_FORMAT, "an empty zip archive"},
        {0, 2, "\x1f\x8b", EFFNET_ERROR_UNSUPPORTED,
         "compressed by gzip: decompress it first"},
        {0, 6,
         "\xfd"
         "7zXZ",
         EFFNET_ERROR_UNSUPPORTED, "compressed by xz: decompress it first"},
        {0, 4, "\x28\xb5\x2f\xfd", EFFNET_ERROR_UNSUPPORTED,
         "compressed by zstd: decompress it first"},
        {0, 3, "BZh", EFFNET_ERROR_UNSUPPORTED,
         "compressed by bzip2: decompress it first"},
        {0, 6, "7z\xbc\xaf\x27\x1c", EFFNET_ERROR_UNSUPPORTED,
         "a 7z archive: unpack it first"},
        {0, 6, "\x93NUMPY", EFFNET_ERROR_UNSUPPORTED,
         "a NumPy array (.npy); " EXPORT},
        {4, 4, "TFL3", EFFNET_ERROR_UNSUPPORTED,
         "a TensorFlow Lite model; " EXPORT},
        {0, 4, "GGUF", EFFNET_ERROR_UNSUPPORTED, "a GGUF file; " EXPORT},
        {0, 3, "\x08\x01\x12", EFFNET_ERROR_UNSUPPORTED,
         "a TensorFlow SavedModel; " EXPORT},
        /* its first field is the version, the second the producer (onnx.proto) */
        {0, 3, "\x08\x03\x12", EFFNET_ERROR_UNSUPPORTED, ONNX},
        {0, 3, "\x08\x04\x12", EFFNET_ERROR_UNSUPPORTED, ONNX},
        {0, 3, "\x08\x05\x12", EFFNET_ERROR_UNSUPPORTED, ONNX},
        {0, 3, "\x08\x06\x12", EFFNET_ERROR_UNSUPPORTED, ONNX},
        {0, 3, "\x08\x07\x12", EFFNET_ERROR_UNSUPPORTED, ONNX},
        {0, 3, "\x08\x08\x12", EFFNET_ERROR_UNSUPPORTED, ONNX},
        {0, 3, "\x08\x09\x12", EFFNET_ERROR_UNSUPPORTED, ONNX},
        {0, 3, "\x08\x0a\x12", EFFNET_ERROR_UNSUPPORTED, ONNX},
        {0, 3, "\x08\x0b\x12", EFFNET_ERROR_UNSUPPORTED, ONNX},
        {0, 14, "<!DOCTYPE html", EFFNET_ERROR_FORMAT,
         "an HTML page: the download went wrong"},
        {0, 14, "<!doctype html", EFFNET_ERROR_FORMAT,
         "an HTML page: the download went wrong"},
        {0, 5, "<html", EFFNET_ERROR_FORMAT,
         "an HTML page: the download went wrong"},
        {0, 1, "{", EFFNET_ERROR_FORMAT,
         "a JSON text, perhaps the index of a sharded set "
         "(model.safetensors.index.json, pytorch_model.bin.index.json): load "
         "the set with its framework and save it in one file, "
         "save_pretrained(path, max_shard_size='100GB')"},
        {257, 5, "ustar", EFFNET_ERROR_UNSUPPORTED,
         "a tar archive, as PyTorch wrote before 0.2: load it with PyTorch and "
         "save the state_dict again"},
};

static bool
begins(const uint8_t *bytes, size_t size, size_t at, const char *with,
       size_t length)
{
        return size >= at + length && memcmp(bytes + at, with, length) == 0;
}

/* The magic number as LONG1, behind PROTO and, from protocol 4 on, FRAME. */
static bool
is_torch_legacy(const uint8_t *bytes, size_t size)
{
        /* LONG1 of ten bytes */
        static const char magic[] = "\x8a\x0a" EN_TORCH_MAGIC;
        size_t at = size > 2 && bytes[2] == 0x95 ? 11 : 2;

        return size > 2 && bytes[0] == 0x80 &&
               begins(bytes, size, at, magic, sizeof(magic) - 1);
}

/* A header's length, then JSON; leading white space is as good as none. */
static bool
is_safetensors(const uint8_t *bytes, size_t size, uint64_t total)
{
        uint64_t length;

        if (size < 9)
                return false;
        length = en_le64(bytes);
        if (bytes[8] == '{') /* unless byte 7 shows that this is a text */
                return bytes[7] == 0 || bytes[7] >= 0x80;
        return length >= 2 && length <= total - 8 &&
               (bytes[8] == ' ' || bytes[8] == '\n' || bytes[8] == '\r' ||
                bytes[8] == '\t');
}

static effnet_status
unknown(const uint8_t *bytes, size_t size)
{
        if (size == 8 && en_le64(bytes) > 1 &&
            en_le64(bytes) <= EN_MOST_HEADER_BYTES)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "truncated safetensors: a length of its "
                               "header, but no header");
        if (size < 4)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "%zu bytes, too few for a checkpoint", size);
        if (bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "a bare pickle, not a checkpoint: save with "
                               "torch.save(model.state_dict(), path)");
        return en_fail(EFFNET_ERROR_FORMAT,
                       "not a checkpoint: begins with %02x %02x %02x %02x; "
                       "expected torch.save's zip or legacy format, "
                       "safetensors, or Keras' HDF5",
                       bytes[0], bytes[1], bytes[2], bytes[3]);
}

effnet_status
en_sniff(const uint8_t *bytes, size_t size, uint64_t total, en_file_kind *kind)
{
        *kind = EN_FILE_OTHER;
        if (size == 0)
                return en_fail(EFFNET_ERROR_FORMAT, "the file is empty");
        if (begins(bytes, size, 0, "PK\3\4", 4))
                *kind = EN_FILE_ZIP;
        else if (is_torch_legacy(bytes, size))
                *kind = EN_FILE_TORCH_LEGACY;
        else if (is_safetensors(bytes, size, total))
                *kind = EN_FILE_SAFETENSORS;
        else if (begins(bytes, size, 0, "\x89HDF\r\n\x1a\n", 8))
                *kind = EN_FILE_HDF5;
        if (*kind != EN_FILE_OTHER)
                return EFFNET_OK;
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
                if (begins(bytes, size, others[i].at, others[i].bytes,
                           others[i].length))
                        return en_fail(others[i].status, "%s",
                                       others[i].message);
        }
        return unknown(bytes, size);
}
