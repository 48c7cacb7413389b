/* peak.c: a core's peak of multiply-adds with each instruction set that this
 * processor and this build have.
 */
#include "peak.h"
#include "base/cpu.h"
#include "effnet.h"
#include "kernels/kernels.h"
#include "report.h"

int
main(int argc, char **argv)
{
        bench_report *report = bench_begin("peak", argc, argv);
        const en_cpuid cpuid = en_cpuid_read();

        for (int32_t isa = EFFNET_ISA_PORTABLE; isa <= EFFNET_ISA_NEON; isa++) {
                const en_kernels *kernels = en_kernels_for(isa, &cpuid);

                if (kernels == NULL)
                        continue;
                bench_row(report, kernels->name);
                bench_number(report, "gflops",
                             1e-9 * peak_measure(kernels->name));
        }
        return bench_end(report);
}
