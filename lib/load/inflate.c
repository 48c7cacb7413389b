/* inflate.c: deflated zip members; the only file that knows zlib. */
#include "load/inflate.h"

#include "base/alloc.h"
#include "base/status.h"

#include <inttypes.h>
#include <zlib.h>

#define INPUT_CHUNK 16384

/* Weights shrink by a tenth; code and pickles to a tenth; zeros to a
 * thousandth.  A member may grow a hundredfold, and by a MiB in any case.
 */
#define MAX_RATIO 100
#define FREE_SIZE (1 << 20)

typedef struct inflater {
        const en_source *source;
        const en_storage *storage;
        uint64_t most;     /* bytes of output: those wanted, or one more than
                            * announced, so that a longer stream is noticed */
        uint64_t consumed; /* bytes of input handed to zlib */
        uint8_t *data;
        size_t size, capacity;
        z_stream stream;
        uint8_t input[INPUT_CHUNK];
} inflater;

static voidpf
on_alloc(voidpf opaque, uInt count, uInt size)
{
        (void)opaque;
        return en_alloc_array(count, size);
}

static void
on_free(voidpf opaque, voidpf memory)
{
        (void)opaque;
        en_free(memory);
}

static effnet_status
damaged(const inflater *z, const char *what)
{
        return en_fail(EFFNET_ERROR_FORMAT,
                       "deflated data at offset %" PRIu64 ": %s after %zu of "
                       "%" PRIu64 " bytes",
                       z->storage->offset, what, z->size, z->storage->size);
}

static effnet_status
refill(inflater *z)
{
        uint64_t left = z->storage->stored - z->consumed;
        size_t n = left < INPUT_CHUNK ? (size_t)left : INPUT_CHUNK;
        effnet_status status;

        if (z->stream.avail_in != 0)
                return EFFNET_OK;
        if (n == 0)
                return damaged(z, "ends early,");
        status = en_source_read(z->source, z->storage->offset + z->consumed,
                                z->input, n);
        z->consumed += n;
        z->stream.next_in = z->input;
        z->stream.avail_in = (uInt)n;
        return status;
}

/* Room for more output: double what has come out so far. */
static effnet_status
grow(inflater *z)
{
        uint64_t wanted = (uint64_t)z->capacity * 2 + INPUT_CHUNK;
        uint8_t *more;

        if (z->size < z->capacity)
                return EFFNET_OK;
        if (wanted > z->most)
                wanted = z->most;
        if (wanted > SIZE_MAX)
                return en_fail(EFFNET_ERROR_MEMORY, "out of memory");
        more = en_realloc_array(z->data, (size_t)wanted, 1);
        if (more == NULL)
                return EFFNET_ERROR_MEMORY;
        z->data = more;
        z->capacity = (size_t)wanted;
        return EFFNET_OK;
}

/* One call of zlib. */
static effnet_status
step(inflater *z, bool *done)
{
        size_t room = z->capacity - z->size;
        int result;

        z->stream.next_out = z->data + z->size;
        z->stream.avail_out = room < UINT32_MAX ? (uInt)room : UINT32_MAX;
        room = z->stream.avail_out;
        result = inflate(&z->stream, Z_NO_FLUSH);
        z->size += room - z->stream.avail_out;
        if (result == Z_MEM_ERROR)
                return en_fail(EFFNET_ERROR_MEMORY, "out of memory in zlib");
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
                return damaged(z, "damaged");
        *done = result == Z_STREAM_END;
        if (z->size > z->storage->size)
                return damaged(z, "goes on");
        return EFFNET_OK;
}

static effnet_status
run(inflater *z)
{
        bool done = false;
        effnet_status status = EFFNET_OK;

        while (status == EFFNET_OK && !done && z->size < z->most) {
                status = refill(z);
                if (status == EFFNET_OK)
                        status = grow(z);
                if (status == EFFNET_OK)
                        status = step(z, &done);
        }
        if (status == EFFNET_OK && z->size < z->most &&
            z->size != z->storage->size)
                return damaged(z, "ends");
        return status;
}

effnet_status
en_inflate(const en_source *source, const en_storage *storage, uint64_t wanted,
           uint8_t **data)
{
        inflater *z;
        effnet_status status;

        *data = NULL;
        if (storage->size > FREE_SIZE &&
            storage->size / MAX_RATIO > storage->stored)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "deflated data at offset %" PRIu64 ": %" PRIu64
                               " bytes claim to hold %" PRIu64
                               ", the limit is a ratio of %d",
                               storage->offset, storage->stored, storage->size,
                               MAX_RATIO);
        z = en_alloc_zero(1, sizeof(*z));
        if (z == NULL)
                return EFFNET_ERROR_MEMORY;
        z->source = source;
        z->storage = storage;
        z->most = wanted < storage->size ? wanted : storage->size + 1;
        z->stream.zalloc = on_alloc;
        z->stream.zfree = on_free;
        if (inflateInit2(&z->stream, -MAX_WBITS) != Z_OK) {
                en_free(z);
                return en_fail(EFFNET_ERROR_MEMORY, "out of memory in zlib");
        }
        status = run(z);
        inflateEnd(&z->stream);
        if (status == EFFNET_OK)
                *data = z->data;
        else
                en_free(z->data);
        en_free(z);
        return status;
}
