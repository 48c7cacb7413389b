/* weigh.inc.h: template of weighted sums of rows of bytes, which are the passes
 * of Pillow's resampling.  The 32-bit sums are exact: a weight's two parts are
 * summed apart, as products of 16 bits, and joined at the end.
 */

/* A column of V_BYTES sums; `n` of them are there, in most cases all. */
static ALWAYS_INLINE vec_bytes
load_bytes(const uint8_t *p, size_t n)
{
        uint8_t part[V_BYTES] = {0};

        if (n == V_BYTES)
                return vec_bytes_load(p);
        memcpy(part, p, n);
        return vec_bytes_load(part);
}

static ALWAYS_INLINE void
weigh_column(const en_weighing *call, size_t begin, size_t n)
{
        const vec_sums half = vec_sums_set1(INT32_C(1) << (EN_WEIGHT_BITS - 1));
        const vec_sums zero = vec_sums_set1(0);
        const uint8_t *row = call->rows + begin;
        const int32_t *weights = call->weights;
        vec_sums low0 = half, low1 = half, low2 = half, low3 = half;
        vec_sums high0 = zero, high1 = zero, high2 = zero, high3 = zero;
        uint8_t part[V_BYTES];
        vec_bytes sums;

        for (int32_t i = 0; i < call->count; i += 2) {
                /* The last row of an odd number meets a weight of 0. */
                const uint8_t *next = i + 1 < call->count ? row + call->stride
                                                          : row;
                const vec_sums low = vec_sums_set1(weights[0]);
                const vec_sums high = vec_sums_set1(weights[1]);
                const vec_bytes a = load_bytes(row, n);
                const vec_bytes b = load_bytes(next, n);

#define QUARTER(q)                                                             \
        low##q = vec_dot(low##q, vec_pairs(a, b, q), low);                     \
        high##q = vec_dot(high##q, vec_pairs(a, b, q), high);
                QUARTER(0)
                QUARTER(1)
                QUARTER(2)
                QUARTER(3)
#undef QUARTER
                row = next + call->stride;
                weights += 2;
        }
        sums = vec_narrow(vec_join(low0, high0), vec_join(low1, high1),
                          vec_join(low2, high2), vec_join(low3, high3));
        if (n == V_BYTES) {
                vec_bytes_store(call->to + begin, sums);
                return;
        }
        vec_bytes_store(part, sums);
        memcpy(call->to + begin, part, n);
}

/* The last column begins early enough to be whole, if there are so many. */
static void
weigh(const en_weighing *call)
{
        size_t begin = 0;

        if (call->bytes < V_BYTES) {
                weigh_column(call, 0, call->bytes);
                return;
        }
        for (; begin + V_BYTES <= call->bytes; begin += V_BYTES)
                weigh_column(call, begin, V_BYTES);
        if (begin < call->bytes)
                weigh_column(call, call->bytes - V_BYTES, V_BYTES);
}
