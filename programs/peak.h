/* peak.h: how fast a core can multiply and add. */
#ifndef PROGRAMS_PEAK_H
#define PROGRAMS_PEAK_H

/* FLOP per second of one core, as effnet_model_instruction_set's "portable",
 * "sse2", "avx2", "avx512" or "neon" can do at most: fused multiply-adds where
 * it has them.  It takes about 30 ms.  0 where that is not known; the processor
 * must have the instruction set.
 */
double peak_measure(const char *instruction_set);

#endif
