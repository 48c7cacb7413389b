/* bytes.h: integers out of unaligned bytes. */
#ifndef EN_LOAD_BYTES_H
#define EN_LOAD_BYTES_H

#include <stdint.h>

/* 1 where numbers lie in memory as they do in the files. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define EN_LITTLE_ENDIAN 1
#else
#define EN_LITTLE_ENDIAN 0
#endif

static inline uint16_t
en_le16(const uint8_t *p)
{
        return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t
en_le32(const uint8_t *p)
{
        return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
               (uint32_t)p[3] << 24;
}

static inline uint64_t
en_le64(const uint8_t *p)
{
        return (uint64_t)en_le32(p) | (uint64_t)en_le32(p + 4) << 32;
}

#endif
