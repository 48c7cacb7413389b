/* logistic.inc.h: template of the logistic function, of which SiLU is x times.
 *
 * It is over / under: 0 from x = -88.4 down, 1 from x = 17 up, NaN for NaN.
 * exp(-x) = 2^n exp(-s), n being -x / ln 2 rounded to whole numbers or to
 * 32nds, and s = x + n ln 2.
 *
 * ln 2 is split in two.  Where multiply-adds are fused, its high part is its
 * nearest float; elsewhere n times the high part is exact, as in fdlibm's
 * e_expf.c.
 */
#define LN2_HIGH                                                               \
        (V_FUSED ? 0x1.62e43p-1f : V_POWERS ? 0x1.62p-1f : 0x1.62e4p-1f)
#define LN2_LOW                                                                \
        (V_FUSED    ? -0x1.05c61p-29f                                          \
         : V_POWERS ? 0x1.c85fep-10f                                           \
                    : 0x1.7f7d1cp-20f)

struct reduced {
        vec near, s;   /* s but for the low part of ln 2; s */
        vec biased, n; /* the sum that rounded n; n */
};

struct fraction {
        vec over, under;
};

/* Adding 1.5 * 2^23 * step rounds n to multiples of `step`, and leaves their
 * number in the low bits, to which `more` is added.
 */
static ALWAYS_INLINE struct reduced
reduced_by(vec x, float step, float more)
{
        const vec bias = vec_set1(0x1.8p23f * step + more);
        const vec biased = vec_fma(x, vec_set1(-0x1.715476p0f), bias);
        const vec n = vec_sub(biased, bias);
        const vec near = vec_fma(n, vec_set1(LN2_HIGH), x);

        return (struct reduced){near, vec_fma(n, vec_set1(LN2_LOW), near),
                                biased, n};
}

/* Between these limits 2^n is between 0 and infinity, both of which it may be.
 */
static ALWAYS_INLINE vec
limited(vec x)
{
        return vec_min(vec_set1(87.0f), vec_max(vec_set1(-89.0f), x));
}

#if V_POWERS

/* Of 32nds, of which there is a table of powers: on |s| < ln 2 / 64 exp(-s) is
 * 1 - s + s^2 / 2 to 5.3e-8, if the s^3 / 6 that is missing is evened out in
 * the middle term.  Without the low part of ln 2 exp(-x) is off by 2.8e-9 |x|.
 */
static ALWAYS_INLINE struct reduced
reduced(vec x)
{
        return reduced_by(limited(x), 0x1p-5f, 0);
}

static ALWAYS_INLINE struct fraction
logistic(struct reduced x)
{
        const vec one = vec_set1(1);
        const vec s = V_FUSED ? x.near : x.s;
        vec p = vec_fma(s, vec_set1(0.5f), vec_set1(-0x1.0000f6p0f));

        p = vec_fma(p, s, one);
        return (struct fraction){one,
                                 vec_fma(vec_power(x.biased, x.n), p, one)};
}

/* SiLU of two vectors with one division, 1 / (a b), which takes as long as
 * some 20 other operations: 1 / a is b of it.  The limits keep a b and its
 * reciprocal normal: below -43 SiLU is x 2e-19, of minus infinity too.  Not
 * even a NaN in one vector touches the other; but the last bits depend on both,
 * so that always the same two must go together.
 */
static ALWAYS_INLINE void
silu_pair(vec x[2])
{
        const vec limit = vec_set1(43);
        vec under[2], both;

        for (int i = 0; i < 2; i++) {
                const vec near = vec_within(x[i], limit);

                under[i] = logistic(reduced_by(near, 0x1p-5f, 0)).under;
        }
        both = vec_div(vec_set1(1), vec_mul(under[0], under[1]));
        x[0] = vec_mul(x[0], vec_mul(both, under[1]));
        x[1] = vec_mul(x[1], vec_mul(both, under[0]));
}

#else

/* Of whole numbers: 127 more are the exponent of 2^n, in 1..255, of which 255
 * is infinity.  With r = s coth(s / 2), exp(-s) = (r - s) / (r + s), so that
 * 1 / (1 + exp(-x)) = (r + s) / (r + s + 2^n (r - s)).  r = 2 + s^2 q(s^2)
 * with q linear, fitted for the least relative error of exp(-s) on
 * |s| < 0.3475, which is 6.7e-10 (tests/oracle/exp_fraction.py).  Where
 * multiply-adds are fused, r does without the low part of ln 2, which so comes
 * from beside the chain.
 */
static ALWAYS_INLINE struct reduced
reduced(vec x)
{
        return reduced_by(limited(x), 1, 127);
}

static ALWAYS_INLINE struct fraction
logistic(struct reduced x)
{
        const vec near = V_FUSED ? x.near : x.s;
        const vec s2 = vec_mul(near, near);
        const vec q = vec_fma(s2, vec_set1(-0x1.6a89p-9f),
                              vec_set1(0x1.555512p-3f));
        const vec r = vec_fma(q, s2, vec_set1(2.0f));
        const vec over = vec_add(r, x.s);

        return (struct fraction){
                over, vec_fma(vec_sub(r, x.s), vec_exponent(x.biased), over)};
}

#endif
