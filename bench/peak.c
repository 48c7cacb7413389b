/* peak.c: prints the core's measured peak of multiply-adds in GFLOP/s. */
#include "clock.h"
#include "effnet.h"

#include <stdio.h>
#include <stdlib.h>

int
main(void)
{
        printf("%.1f\n", 1e-9 * bench_peak(EFFNET_ISA_AVX2));
        return EXIT_SUCCESS;
}
