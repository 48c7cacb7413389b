/* hdf5_object.c: the superblock and object headers of HDF5, "HDF5 File Format
 * Specification Version 3.0", sections II.A and IV.A; of each structure the
 * version that h5py writes by default.
 */
#include "load/hdf5_object.h"

#include "base/status.h"
#include "load/bytes.h"

#include <inttypes.h>
#include <string.h>

enum { SUPERBLOCK_SIZE = 96, HEADER_SIZE = 16, MESSAGE_SIZE = 8 };

/* Blocks that a header may go on in. */
#define MAX_BLOCKS 64
/* Of the bodies that are read, the largest: a dataspace of eight dimensions
 * with their maxima.
 */
#define MAX_BODY 136

#define UNDEFINED UINT64_MAX

enum {
        MESSAGE_DATASPACE = 0x0001,
        MESSAGE_LINK_INFO = 0x0002,
        MESSAGE_DATATYPE = 0x0003,
        MESSAGE_LINK = 0x0006,
        MESSAGE_EXTERNAL = 0x0007,
        MESSAGE_LAYOUT = 0x0008,
        MESSAGE_FILTERS = 0x000b,
        MESSAGE_CONTINUATION = 0x0010,
        MESSAGE_GROUP = 0x0011
};

/* The messages of a header lie in several blocks. */
typedef struct blocks {
        int32_t count;
        uint64_t address[MAX_BLOCKS], size[MAX_BLOCKS];
} blocks;

/* Little-endian types by the bytes of their message; integers are those of
 * counters, which are not weights.
 */
static const struct {
        en_dtype dtype;
        size_t length;
        const char *bytes;
} types[] = {
        {EN_DTYPE_F32, 20,
         "\x11\x20\x1f\0\4\0\0\0\0\0\x20\0\x17\x08\0\x17\x7f\0\0\0"},
        {EN_DTYPE_F64, 20,
         "\x11\x20\x3f\0\x8\0\0\0\0\0\x40\0\x34\x0b\0\x34\xff\3\0\0"},
        {EN_DTYPE_F16, 20,
         "\x11\x20\x0f\0\2\0\0\0\0\0\x10\0\x0a\x05\0\x0a\x0f\0\0\0"},
        {EN_DTYPE_I64, 8, "\x10\x08\0\0\x8\0\0\0"},
        {EN_DTYPE_I32, 8, "\x10\x08\0\0\4\0\0\0"},
        {EN_DTYPE_I16, 8, "\x10\x08\0\0\2\0\0\0"},
        {EN_DTYPE_I8, 8, "\x10\x08\0\0\1\0\0\0"},
        {EN_DTYPE_U8, 8, "\x10\0\0\0\1\0\0\0"},
};

effnet_status
en_hdf5_read(en_hdf5 *file, uint64_t address, void *bytes, size_t size)
{
        if (size > file->budget)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "HDF5: more structure than the limit for "
                               "headers, or a cycle");
        file->budget -= size;
        return en_source_read(file->source, address, bytes, size);
}

static effnet_status
check_superblock(const uint8_t *s, uint64_t size)
{
        if (s[8] != 0)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "HDF5: superblock version %d; expected 0, which "
                               "h5py writes unless libver is set",
                               s[8]);
        if (s[13] != 8 || s[14] != 8)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "HDF5: offsets of %d bytes, lengths of %d; "
                               "expected 8",
                               s[13], s[14]);
        if (en_le64(s + 24) != 0)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "HDF5: base address %" PRIu64 "; expected 0",
                               en_le64(s + 24));
        if (en_le64(s + 40) > size)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "truncated HDF5: %" PRIu64
                               " bytes expected, the size is %" PRIu64,
                               en_le64(s + 40), size);
        return EFFNET_OK;
}

effnet_status
en_hdf5_open(en_hdf5 *file, const en_source *source,
             const effnet_options *options)
{
        uint8_t s[SUPERBLOCK_SIZE];
        size_t size = sizeof(s);
        effnet_status status;

        file->source = source;
        file->budget = (uint64_t)options->max_header_bytes;
        if (source->size < 12) /* the version is missing */
                return en_fail(EFFNET_ERROR_FORMAT,
                               "truncated HDF5: %" PRIu64 " bytes",
                               source->size);
        memset(s, 0, sizeof(s));
        if (source->size < size)
                size = (size_t)source->size;
        status = en_hdf5_read(file, 0, s, size);
        /* later versions are shorter */
        if (status == EFFNET_OK && s[8] == 0 && size < sizeof(s))
                status = en_fail(EFFNET_ERROR_FORMAT,
                                 "truncated HDF5: %zu bytes, its superblock "
                                 "has %d",
                                 size, SUPERBLOCK_SIZE);
        if (status == EFFNET_OK)
                status = check_superblock(s, source->size);
        file->root = en_le64(s + 64);
        return status;
}

static effnet_status
damaged(const char *what)
{
        return en_fail(EFFNET_ERROR_FORMAT, "HDF5: damaged %s message", what);
}

static effnet_status
read_space(en_hdf5_object *object, const uint8_t *body, size_t size)
{
        size_t dimensions = size > 0 && body[0] == 1 ? 8 : 4;

        if (size < 4 || (body[0] != 1 && body[0] != 2))
                return damaged("dataspace");
        if (body[0] == 2 && body[3] == 2)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "HDF5: an empty dataspace");
        if (body[1] > EN_MAX_RANK)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "HDF5: %d dimensions; expected at most %d",
                               body[1], EN_MAX_RANK);
        if (size < dimensions + 8 * (size_t)body[1])
                return damaged("dataspace");
        object->rank = body[1];
        for (int32_t i = 0; i < object->rank; i++) {
                uint64_t n = en_le64(body + dimensions + 8 * (size_t)i);

                if (n > INT64_MAX)
                        return damaged("dataspace");
                object->shape[i] = (int64_t)n;
        }
        object->space = true;
        return EFFNET_OK;
}

static effnet_status
read_type(en_hdf5_object *object, const uint8_t *body, size_t size)
{
        if (size < 8)
                return damaged("datatype");
        for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
                if (size < types[i].length ||
                    memcmp(body, types[i].bytes, types[i].length) != 0)
                        continue;
                object->dtype = types[i].dtype;
                object->type = true;
                return EFFNET_OK;
        }
        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                       "HDF5: element type %02x %02x %02x %02x of %" PRIu32
                       " bytes; expected little-endian float32, float16 or "
                       "float64",
                       body[0], body[1], body[2], body[3], en_le32(body + 4));
}

static effnet_status
read_layout(en_hdf5_object *object, const uint8_t *body, size_t size)
{
        static const char *const classes[] = {"compact", "contiguous",
                                              "chunked", "virtual"};

        if (size < 2)
                return damaged("layout");
        if (body[0] != 3)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "HDF5: layout version %d; expected 3", body[0]);
        if (body[1] != 1)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "HDF5: a %s dataset; expected a contiguous one, "
                               "as Keras writes",
                               body[1] < 4 ? classes[body[1]] : "strange");
        if (size < 18)
                return damaged("layout");
        object->address = en_le64(body + 2);
        object->size = en_le64(body + 10);
        if (object->address == UNDEFINED && object->size == 0)
                object->address = 0;
        if (object->address == UNDEFINED)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "HDF5: a dataset that was never written");
        object->layout = true;
        return EFFNET_OK;
}

static effnet_status
read_group(en_hdf5_object *object, const uint8_t *body, size_t size)
{
        if (size < 16)
                return damaged("group");
        object->tree = en_le64(body);
        object->heap = en_le64(body + 8);
        object->group = true;
        return EFFNET_OK;
}

static effnet_status
add_block(blocks *b, const uint8_t *body, size_t size)
{
        if (size < 16)
                return damaged("continuation");
        if (b->count == MAX_BLOCKS)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "HDF5: an object header in more than %d blocks",
                               MAX_BLOCKS);
        b->address[b->count] = en_le64(body);
        b->size[b->count++] = en_le64(body + 8);
        return EFFNET_OK;
}

/* Messages that change what the others mean. */
static effnet_status
refuse(int type)
{
        static const struct {
                int type;
                const char *what;
        } refused[] = {
                {MESSAGE_LINK_INFO, "groups of the new style (link info)"},
                {MESSAGE_LINK, "groups of the new style (links)"},
                {MESSAGE_EXTERNAL, "data in other files"},
                {MESSAGE_FILTERS, "a filter, such as compression"},
        };

        for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
                if (refused[i].type == type)
                        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                                       "HDF5: %s; expected what h5py writes by "
                                       "default",
                                       refused[i].what);
        return EFFNET_OK;
}

static effnet_status
take_message(en_hdf5_object *object, blocks *b, int type, const uint8_t *body,
             size_t size)
{
        switch (type) {
        case MESSAGE_DATASPACE: return read_space(object, body, size);
        case MESSAGE_DATATYPE: return read_type(object, body, size);
        case MESSAGE_LAYOUT: return read_layout(object, body, size);
        case MESSAGE_CONTINUATION: return add_block(b, body, size);
        case MESSAGE_GROUP: return read_group(object, body, size);
        default: return refuse(type);
        }
}

static bool
is_read(int type)
{
        return type == MESSAGE_DATASPACE || type == MESSAGE_DATATYPE ||
               type == MESSAGE_LAYOUT || type == MESSAGE_CONTINUATION ||
               type == MESSAGE_GROUP;
}

/* The message at `address`, of which `left` bytes are in the block. */
static effnet_status
read_message(en_hdf5 *file, en_hdf5_object *object, blocks *b, uint64_t address,
             uint64_t left, uint64_t *used)
{
        uint8_t head[MESSAGE_SIZE], body[MAX_BODY];
        size_t size, wanted;
        int type;
        effnet_status status = en_hdf5_read(file, address, head, sizeof(head));

        if (status != EFFNET_OK)
                return status;
        type = en_le16(head);
        size = en_le16(head + 2);
        *used = MESSAGE_SIZE + size;
        if (*used > left)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "HDF5: the message at offset %" PRIu64
                               " reaches past its header",
                               address);
        if (is_read(type) && (head[4] & 2))
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "HDF5: a shared message at offset %" PRIu64,
                               address);
        wanted = !is_read(type) ? 0 : size < MAX_BODY ? size : MAX_BODY;
        status = en_hdf5_read(file, address + MESSAGE_SIZE, body, wanted);
        return status == EFFNET_OK ? take_message(object, b, type, body, wanted)
                                   : status;
}

static effnet_status
read_block(en_hdf5 *file, en_hdf5_object *object, blocks *b, int32_t index)
{
        uint64_t at = b->address[index], left = b->size[index], used = 0;

        if (at > file->source->size || left > file->source->size - at)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "HDF5: %" PRIu64 " bytes of an object header at "
                               "offset %" PRIu64 " are not in the file",
                               left, at);
        for (; left >= MESSAGE_SIZE; left -= used, at += used) {
                effnet_status status = read_message(file, object, b, at, left,
                                                    &used);

                if (status != EFFNET_OK)
                        return status;
        }
        return EFFNET_OK;
}

effnet_status
en_hdf5_object_read(en_hdf5 *file, uint64_t address, en_hdf5_object *object)
{
        uint8_t h[HEADER_SIZE];
        blocks b = {.count = 1};
        effnet_status status = en_hdf5_read(file, address, h, sizeof(h));

        memset(object, 0, sizeof(*object));
        if (status != EFFNET_OK)
                return status;
        if (memcmp(h, "OHDR", 4) == 0)
                return en_fail(EFFNET_ERROR_UNSUPPORTED,
                               "HDF5: object header version %d; expected 1, as "
                               "h5py writes by default",
                               h[4]);
        if (h[0] != 1)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "HDF5: no object header at offset %" PRIu64,
                               address);
        b.address[0] = address + HEADER_SIZE;
        b.size[0] = en_le32(h + 8);
        for (int32_t i = 0; i < b.count && status == EFFNET_OK; i++)
                status = read_block(file, object, &b, i);
        return status;
}
