/* zip.c: the members of a zip archive (PKWARE APPNOTE 6.3.10).  Local headers
 * of torch.save carry no sizes and an extra field that the directory does not
 * have, so ranges come from the directory and the data's offset from both.
 * CRCs are not checked: torch.load does not, and torch can write wrong ones.
 */
#include "load/zip.h"

#include "base/alloc.h"
#include "base/status.h"
#include "load/bytes.h"
#include "load/inflate.h"
#include "load/text.h"
#include "load/zip_end.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
        CENTRAL_SIZE = 46,
        LOCAL_SIZE = 30,
        /* encrypted, patched, strongly encrypted, masked headers */
        REFUSED_FLAGS = 0x1 | 0x20 | 0x40 | 0x2000
};

#define CENTRAL_MAGIC 0x02014b50
#define LOCAL_MAGIC   0x04034b50

static effnet_status
fail_member(const en_zip_member *member, effnet_status status, const char *what)
{
        char shown[EN_SHOWN];

        en_show(shown, member->name, member->name_length);
        return en_fail(status, "zip member %s: %s", shown, what);
}

/* No absolute path, no backslash or control character, and no component that
 * is empty, "." or "..".
 */
static bool
is_plain(const char *name, size_t length)
{
        size_t start = 0;

        for (size_t i = 0; i <= length; i++) {
                size_t n = i - start;

                if (i < length && name[i] != '/') {
                        if ((unsigned char)name[i] < 0x20 || name[i] == '\\')
                                return false;
                        continue;
                }
                if ((n == 0 && i < length) || (n == 1 && name[start] == '.') ||
                    (n == 2 && memcmp(name + start, "..", 2) == 0))
                        return false;
                start = i + 1;
        }
        return length > 0;
}

/* Takes the 64-bit values from the extra field where the 32-bit ones are all
 * ones, in the order that APPNOTE 4.5.3 gives.
 */
static bool
read_zip64(en_zip_member *member, const uint8_t *extra, size_t length)
{
        uint64_t *fields[] = {&member->size, &member->stored, &member->header};

        while (length >= 4) {
                size_t size = en_le16(extra + 2), used = 0;
                const uint8_t *body = extra + 4;

                if (size > length - 4)
                        return false;
                extra += 4 + size;
                length -= 4 + size;
                if (en_le16(body - 4) != 1)
                        continue;
                for (int i = 0; i < 3; i++) {
                        if (*fields[i] != UINT32_MAX)
                                continue;
                        if (size - used < 8)
                                return false;
                        *fields[i] = en_le64(body + used);
                        used += 8;
                }
                return true;
        }
        return true;
}

static effnet_status
check_member(const en_zip_member *member, uint64_t directory)
{
        if (!is_plain(member->name, member->name_length))
                return fail_member(member, EFFNET_ERROR_FORMAT,
                                   "unsafe name; expected a relative path "
                                   "without \"..\"");
        if (member->flags & REFUSED_FLAGS)
                return fail_member(member, EFFNET_ERROR_UNSUPPORTED,
                                   "encrypted or patched");
        if (member->method != 0 && member->method != 8)
                return fail_member(member, EFFNET_ERROR_UNSUPPORTED,
                                   "compressed by a method other than "
                                   "deflate");
        if (member->method == 0 && member->stored != member->size)
                return fail_member(member, EFFNET_ERROR_FORMAT,
                                   "stored, but of two sizes");
        if (member->header > directory ||
            member->stored > directory - member->header)
                return fail_member(member, EFFNET_ERROR_FORMAT,
                                   "reaches past the central directory");
        return EFFNET_OK;
}

/* Reads one entry of the directory; `*used` takes its bytes. */
static effnet_status
read_central(en_zip_member *member, const uint8_t *p, size_t left, size_t *used)
{
        size_t name, extra;

        if (left < CENTRAL_SIZE || en_le32(p) != CENTRAL_MAGIC)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "damaged zip directory, %zu bytes before its "
                               "end",
                               left);
        name = en_le16(p + 28);
        extra = en_le16(p + 30);
        *used = CENTRAL_SIZE + name + extra + en_le16(p + 32);
        if (*used > left)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "truncated zip directory, %zu bytes before its "
                               "end",
                               left);
        member->name = (const char *)p + CENTRAL_SIZE;
        member->name_length = (uint16_t)name;
        member->flags = en_le16(p + 8);
        member->method = en_le16(p + 10);
        member->stored = en_le32(p + 20);
        member->size = en_le32(p + 24);
        member->header = en_le32(p + 42);
        if (en_le16(p + 34) != 0)
                return fail_member(member, EFFNET_ERROR_UNSUPPORTED,
                                   "on another disk");
        if (!read_zip64(member, p + CENTRAL_SIZE + name, extra))
                return fail_member(member, EFFNET_ERROR_FORMAT,
                                   "damaged zip64 field");
        return EFFNET_OK;
}

static int
by_header(const void *a, const void *b)
{
        const en_zip_member *x = a, *y = b;

        return (x->header > y->header) - (x->header < y->header);
}

static int
compare_names(const char *a, size_t a_length, const char *b, size_t b_length)
{
        size_t n = a_length < b_length ? a_length : b_length;
        int order = memcmp(a, b, n);

        return order != 0 ? order
                          : (a_length > b_length) - (a_length < b_length);
}

static int
by_name(const void *a, const void *b)
{
        const en_zip_member *x = a, *y = b;

        return compare_names(x->name, x->name_length, y->name, y->name_length);
}

/* Sets each member's limit.  A local header and its data must fit before the
 * next one; the extra field's length is not known yet, en_zip_locate checks
 * again.
 */
static effnet_status
check_overlaps(en_zip *zip, uint64_t directory)
{
        en_zip_member *m = zip->members;

        qsort(m, (size_t)zip->count, sizeof(*m), by_header);
        for (int32_t i = 0; i < zip->count; i++) {
                m[i].limit = i + 1 < zip->count ? m[i + 1].header : directory;
                if (m[i].limit - m[i].header <
                    LOCAL_SIZE + m[i].name_length + m[i].stored)
                        return fail_member(&m[i], EFFNET_ERROR_FORMAT,
                                           "overlaps another");
        }
        return EFFNET_OK;
}

static effnet_status
check_duplicates(en_zip *zip)
{
        const en_zip_member *m = zip->members;

        qsort(zip->members, (size_t)zip->count, sizeof(*m), by_name);
        for (int32_t i = 1; i < zip->count; i++) {
                if (by_name(&m[i - 1], &m[i]) == 0)
                        return fail_member(&m[i], EFFNET_ERROR_FORMAT,
                                           "the name occurs twice");
        }
        return EFFNET_OK;
}

static effnet_status
read_members(en_zip *zip, const en_zip_end *end)
{
        size_t at = 0, size = (size_t)end->size;
        effnet_status status;

        for (; zip->count < (int32_t)end->members; zip->count++) {
                en_zip_member *member = &zip->members[zip->count];
                size_t used = 0;

                status = read_central(member, zip->directory + at, size - at,
                                      &used);
                if (status == EFFNET_OK)
                        status = check_member(member, end->offset);
                if (status != EFFNET_OK)
                        return status;
                at += used;
        }
        if (at != size)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "zip directory: %zu bytes more than its %d "
                               "members",
                               size - at, (int)zip->count);
        status = check_overlaps(zip, end->offset);
        return status == EFFNET_OK ? check_duplicates(zip) : status;
}

static effnet_status
load_directory(en_zip *zip, const en_zip_end *end,
               const effnet_options *options)
{
        effnet_status status;

        if (end->size > (uint64_t)options->max_header_bytes)
                return en_fail(EFFNET_ERROR_LIMIT,
                               "zip directory of %" PRIu64 " bytes, the limit "
                               "is %" PRId64,
                               end->size, options->max_header_bytes);
        if (end->members > end->size / CENTRAL_SIZE)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "zip directory of %" PRIu64 " bytes cannot "
                               "hold %" PRIu64 " members",
                               end->size, end->members);
        zip->directory = en_alloc((size_t)end->size);
        zip->members = en_alloc_zero((size_t)end->members,
                                     sizeof(*zip->members));
        if (zip->directory == NULL || zip->members == NULL)
                return EFFNET_ERROR_MEMORY;
        status = en_source_read(zip->source, end->offset, zip->directory,
                                (size_t)end->size);
        return status == EFFNET_OK ? read_members(zip, end) : status;
}

effnet_status
en_zip_open(en_zip **zip, const en_source *source,
            const effnet_options *options)
{
        en_zip_end end;
        effnet_status status = en_zip_end_read(&end, source);

        *zip = NULL;
        if (status != EFFNET_OK)
                return status;
        *zip = en_alloc_zero(1, sizeof(**zip));
        if (*zip == NULL)
                return EFFNET_ERROR_MEMORY;
        (*zip)->source = source;
        status = load_directory(*zip, &end, options);
        if (status != EFFNET_OK) {
                en_zip_close(*zip);
                *zip = NULL;
        }
        return status;
}

void
en_zip_close(en_zip *zip)
{
        if (zip == NULL)
                return;
        en_free(zip->directory);
        en_free(zip->members);
        en_free(zip);
}

int32_t
en_zip_find(const en_zip *zip, const char *name, size_t length)
{
        int32_t low = 0, high = zip->count;

        while (low < high) {
                int32_t middle = low + (high - low) / 2;
                const en_zip_member *m = &zip->members[middle];
                int order = compare_names(name, length, m->name,
                                          m->name_length);

                if (order == 0)
                        return middle;
                if (order < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return -1;
}

/* The local header must be of the same member. */
static effnet_status
check_local(const en_zip *zip, const en_zip_member *member, const uint8_t *h)
{
        char *name;
        bool same;
        effnet_status status;

        if (en_le32(h) != LOCAL_MAGIC || en_le16(h + 8) != member->method ||
            (en_le16(h + 6) & REFUSED_FLAGS) ||
            en_le16(h + 26) != member->name_length)
                return fail_member(member, EFFNET_ERROR_FORMAT,
                                   "its local header is another's");
        name = en_alloc(member->name_length);
        if (name == NULL)
                return EFFNET_ERROR_MEMORY;
        status = en_source_read(zip->source, member->header + LOCAL_SIZE, name,
                                member->name_length);
        same = status == EFFNET_OK &&
               memcmp(name, member->name, member->name_length) == 0;
        en_free(name);
        if (status == EFFNET_OK && !same)
                return fail_member(member, EFFNET_ERROR_FORMAT,
                                   "its local header has another name");
        return status;
}

effnet_status
en_zip_locate(const en_zip *zip, int32_t index, en_storage *storage)
{
        const en_zip_member *member = &zip->members[index];
        uint8_t h[LOCAL_SIZE];
        effnet_status status;

        status = en_source_read(zip->source, member->header, h, sizeof(h));
        if (status == EFFNET_OK)
                status = check_local(zip, member, h);
        if (status != EFFNET_OK)
                return status;
        *storage = (en_storage){
                .offset = member->header + LOCAL_SIZE + member->name_length +
                          en_le16(h + 28),
                .stored = member->stored,
                .size = member->size,
                .deflated = member->method != 0,
        };
        if (storage->offset > member->limit ||
            member->stored > member->limit - storage->offset)
                return fail_member(member, EFFNET_ERROR_FORMAT,
                                   "overlaps another");
        return EFFNET_OK;
}

effnet_status
en_zip_read(const en_zip *zip, int32_t index, uint64_t limit, uint8_t **data,
            size_t *size)
{
        en_storage storage;
        effnet_status status = en_zip_locate(zip, index, &storage);

        *data = NULL;
        *size = 0;
        if (status != EFFNET_OK)
                return status;
        if (storage.size > limit)
                return fail_member(&zip->members[index], EFFNET_ERROR_LIMIT,
                                   "larger than the limit for headers");
        if (storage.deflated) {
                status = en_inflate(zip->source, &storage, storage.size, data);
        } else {
                *data = en_alloc((size_t)storage.size);
                if (*data == NULL)
                        return EFFNET_ERROR_MEMORY;
                status = en_source_read(zip->source, storage.offset, *data,
                                        (size_t)storage.size);
        }
        if (status == EFFNET_OK) {
                *size = (size_t)storage.size;
        } else {
                en_free(*data);
                *data = NULL;
        }
        return status;
}
