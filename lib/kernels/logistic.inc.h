/* logistic.inc.h: template of the logistic function and of SiLU, which is x
 * times that.
 *
 * The logistic function is over / under: 0 from x = -88.4 down, 1 from x = 17
 * up, NaN for NaN.  exp(-x) = 2^n exp(-s), n being -x / ln 2 rounded, and
 * s = x + n ln 2.
 *
 * ln 2 is split in two.  Where multiply-adds are fused, its high part is its
 * nearest float; elsewhere n times the high part is exact, as in fdlibm's
 * e_expf.c.
 */
#define LN2_HIGH (V_FUSED ? 0x1.62e43p-1f : 0x1.62e4p-1f)
#define LN2_LOW  (V_FUSED ? -0x1.05c61p-29f : 0x1.7f7d1cp-20f)

struct reduced {
        vec near, s; /* s but for the low part of ln 2; s */
        vec biased;  /* n + 127 are its lowest bits */
};

struct fraction {
        vec over, under;
};

/* Between these limits of x, 2^n is between 0 and infinity, both of which it
 * may be.  Adding 1.5 * 2^23 rounds n, and leaves it in the low bits.
 */
static ALWAYS_INLINE struct reduced
reduced(vec x)
{
        const vec bias = vec_set1(0x1.8p23f + 127);
        const vec inside = vec_min(vec_set1(87.0f),
                                   vec_max(vec_set1(-89.0f), x));
        const vec biased = vec_fma(inside, vec_set1(-0x1.715476p0f), bias);
        const vec n = vec_sub(biased, bias);
        const vec near = vec_fma(n, vec_set1(LN2_HIGH), inside);

        return (struct reduced){near, vec_fma(n, vec_set1(LN2_LOW), near),
                                biased};
}

/* 127 more than n are the exponent of 2^n, in 1..255, of which 255 is infinity.
 * With r = s coth(s / 2), exp(-s) = (r - s) / (r + s), so that
 * 1 / (1 + exp(-x)) = (r + s) / (r + s + 2^n (r - s)).  r = 2 + s^2 q(s^2)
 * with q linear, fitted for the least relative error of exp(-s) on
 * |s| < 0.3475, which is 6.7e-10 (tests/oracle/exp_coefficients.py).  Where
 * multiply-adds are fused, r does without the low part of ln 2, which so comes
 * from beside the chain.
 */
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

#if V_POWERS

/* SiLU is given y = -x / ln 2, which weights and biases that were scaled make
 * without another operation: then exp(-x) is 2^y, and x is -ln 2 y.
 *
 * From y = 126 on, x = -87, overflow is raised, or of infinity an invalid
 * operation, and the pair's results are wrong: see limited.inc.h.  For all
 * others products of two, times UNIT squared, are normal; a quotient by one may
 * be less, and then is 0.
 */
#define SILU_SCALE    (-0x1.71547652b82fep0)
#define SILU_UNSCALED (-0x1.62e43p-1f)
#define SILU_LIMIT    0x1.f7fffep6f
#define UNIT          0x1p-63f

/* UNIT (1 + exp(-x)).  2^y is a power of 32nds, to which y is rounded down,
 * times 2^s with 0 <= s <= 1/32, which 1 + s p is to 6.6e-8
 * (tests/oracle/exp_coefficients.py); p and 1 are times UNIT / 4, as the power
 * is times 4.
 */
static ALWAYS_INLINE vec
silu_under(vec y)
{
        const vec s = vec_beyond(y);
        const vec p = vec_fma(s, vec_set1(0x1.f0f3eap-3f * UNIT / 4),
                              vec_set1(0x1.62e11ep-1f * UNIT / 4));

        return vec_fma(vec_power(y), vec_fma(p, s, vec_set1(UNIT / 4)),
                       vec_set1(UNIT));
}

/* Two vectors with one division, UNIT -ln 2 / (a b), which takes as long as
 * some 20 other operations: UNIT -ln 2 / a is b of it.  The last bits depend on
 * both, and a NaN in one is a NaN in both, so that always the same two must go
 * together.  Where both y together are more than 188, of which one is more than
 * 62, x < -43, that one's result may be 0.
 */
static ALWAYS_INLINE void
silu_pair(vec y[2])
{
        const vec a = silu_under(y[0]), b = silu_under(y[1]);
        const vec both = vec_div(vec_set1(SILU_UNSCALED * UNIT), vec_mul(a, b));

        y[0] = vec_mul(y[0], vec_mul(both, b));
        y[1] = vec_mul(y[1], vec_mul(both, a));
}

/* The same of a vector's two halves. */
static ALWAYS_INLINE vec
silu_alone(vec y)
{
        const vec a = silu_under(y), b = vec_swapped(a);
        const vec both = vec_div_halves(vec_set1(SILU_UNSCALED * UNIT),
                                        vec_mul(a, b));

        return vec_mul(y, vec_mul(both, b));
}

#else

#define SILU_SCALE 1.0

#endif
