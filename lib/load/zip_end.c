/* zip_end.c: the records at the end of a zip archive (PKWARE APPNOTE 6.3.10,
 * sections 4.3.14 to 4.3.16).
 */
#include "load/zip_end.h"

#include "base/alloc.h"
#include "base/status.h"
#include "load/bytes.h"

#include <inttypes.h>
#include <stdbool.h>

enum { END_SIZE = 22, END64_SIZE = 56, LOCATOR_SIZE = 20, MAX_COMMENT = 65535 };

#define END_MAGIC     0x06054b50
#define END64_MAGIC   0x06064b50
#define LOCATOR_MAGIC 0x07064b50

/* The end record's offset in the tail: the last one whose comment reaches
 * exactly to the end; `size` if there is none.
 */
static size_t
find_end(const uint8_t *tail, size_t size)
{
        for (size_t at = size - END_SIZE + 1; at-- > 0;) {
                if (en_le32(tail + at) == END_MAGIC &&
                    en_le16(tail + at + 20) == size - at - END_SIZE)
                        return at;
        }
        return size;
}

static effnet_status
no_end(void)
{
        return en_fail(EFFNET_ERROR_FORMAT,
                       "truncated zip archive: its central directory is "
                       "missing at the end of the file");
}

static effnet_status
several_disks(void)
{
        return en_fail(EFFNET_ERROR_UNSUPPORTED,
                       "a zip archive split over several disks");
}

/* A 16- or 32-bit field of the end record agrees with its 64-bit twin, or
 * says by all ones that only the twin counts.
 */
static bool
agrees(uint64_t small, uint64_t all_ones, uint64_t large)
{
        return small == all_ones || small == large;
}

/* Reads the zip64 record that the locator before `end_offset` names. */
static effnet_status
read_end64(en_zip_end *end, const en_source *source, const uint8_t *locator,
           const uint8_t *record, uint64_t end_offset)
{
        uint8_t r[END64_SIZE];
        uint64_t offset = en_le64(locator + 8);
        effnet_status status;

        if (en_le32(locator + 4) != 0 || en_le32(locator + 16) > 1)
                return several_disks();
        if (end_offset < LOCATOR_SIZE + END64_SIZE ||
            offset > end_offset - LOCATOR_SIZE - END64_SIZE)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "zip64 record at offset %" PRIu64
                               " is not before its locator at %" PRIu64,
                               offset, end_offset - LOCATOR_SIZE);
        status = en_source_read(source, offset, r, sizeof(r));
        if (status != EFFNET_OK)
                return status;
        if (en_le32(r) != END64_MAGIC)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "no zip64 record at offset %" PRIu64, offset);
        if (en_le32(r + 16) != 0 || en_le32(r + 20) != 0 ||
            en_le64(r + 24) != en_le64(r + 32))
                return several_disks();
        end->members = en_le64(r + 32);
        end->size = en_le64(r + 40);
        end->offset = en_le64(r + 48);
        if (!agrees(en_le16(record + 10), 0xffff, end->members) ||
            !agrees(en_le32(record + 12), 0xffffffff, end->size) ||
            !agrees(en_le32(record + 16), 0xffffffff, end->offset))
                return en_fail(EFFNET_ERROR_FORMAT,
                               "the zip64 record at offset %" PRIu64
                               " and the end record disagree",
                               offset);
        return EFFNET_OK;
}

/* `tail` holds the last bytes of the source, the record at `at`. */
static effnet_status
parse(en_zip_end *end, const en_source *source, const uint8_t *tail, size_t at,
      uint64_t end_offset)
{
        const uint8_t *record = tail + at;
        uint64_t before = end_offset;
        effnet_status status = EFFNET_OK;

        end->members = en_le16(record + 10);
        end->size = en_le32(record + 12);
        end->offset = en_le32(record + 16);
        if (at >= LOCATOR_SIZE &&
            en_le32(record - LOCATOR_SIZE) == LOCATOR_MAGIC) {
                before -= LOCATOR_SIZE;
                status = read_end64(end, source, record - LOCATOR_SIZE, record,
                                    end_offset);
        } else if (en_le16(record + 4) != 0 || en_le16(record + 6) != 0 ||
                   en_le16(record + 8) != end->members) {
                return several_disks();
        }
        if (status != EFFNET_OK)
                return status;
        if (end->offset > before || end->size > before - end->offset)
                return en_fail(EFFNET_ERROR_FORMAT,
                               "zip directory of %" PRIu64 " bytes at offset "
                               "%" PRIu64 " is not inside the file",
                               end->size, end->offset);
        return EFFNET_OK;
}

effnet_status
en_zip_end_read(en_zip_end *end, const en_source *source)
{
        uint64_t most = END_SIZE + LOCATOR_SIZE + MAX_COMMENT;
        size_t size = (size_t)(source->size < most ? source->size : most), at;
        uint8_t *tail;
        effnet_status status;

        if (size < END_SIZE)
                return no_end();
        tail = en_alloc(size);
        if (tail == NULL)
                return EFFNET_ERROR_MEMORY;
        status = en_source_read(source, source->size - size, tail, size);
        if (status == EFFNET_OK) {
                at = find_end(tail, size);
                status = at == size ? no_end()
                                    : parse(end, source, tail, at,
                                            source->size - size + at);
        }
        en_free(tail);
        return status;
}
