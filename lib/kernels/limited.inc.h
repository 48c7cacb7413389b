/* limited.inc.h: templates of the kernels that may end in SiLU, which limits
 * its arguments only where one was found to need it.
 *
 * With V_POWERS, SiLU of -87 and less raises a flag of the processor, which
 * costs nothing, where to limit each argument would cost one operation of
 * twelve.  A call that ends with the flag raised is done again, with limits.
 * Its bits are those of a call that limits from the start: which of both it
 * was, and whether something before it had raised the flag, cannot be seen.
 */
#if V_POWERS

/* `residual`: whether there is one, with which arguments are always limited. */
#define LIMITED(name, residual)                                                \
        static void name##_limited(const en_##name *call)                      \
        {                                                                      \
                en_##name again;                                               \
                                                                               \
                name(call);                                                    \
                if (call->activation != EFFNET_ACTIVATION_SILU || residual ||  \
                    !vec_overflowed())                                         \
                        return;                                                \
                again = *call;                                                 \
                again.activation = EN_ACTIVATION_SILU_LIMITED;                 \
                name(&again);                                                  \
                (void)vec_overflowed(); /* what the sums raise again */        \
        }
LIMITED(pointwise, call->residual != NULL)
LIMITED(depthwise, false)
LIMITED(winograd, call->residual != NULL)
#undef LIMITED

#else

#define pointwise_limited pointwise
#define depthwise_limited depthwise
#define winograd_limited  winograd

#endif
