/* reporting.c: parameters that tell how many of them were read. */
#include "api/reporting.h"

static effnet_status
read_param(void *context, const en_param *param, float *values)
{
        en_reporting *reporting = context;
        const en_params *from = reporting->from;
        effnet_status status;

        status = en_progress_report(reporting->progress, reporting->done,
                                    reporting->total);
        if (status != EFFNET_OK)
                return status;
        reporting->done += (uint64_t)param->count;
        return from->read(from->context, param, values);
}

en_params
en_reporting_params(en_reporting *reporting, const en_network *network,
                    const en_params *from, const en_progress *progress)
{
        *reporting = (en_reporting){from, progress, 0, 0};
        for (int32_t i = 0; i < network->param_count; i++)
                reporting->total += (uint64_t)network->params[i].count;
        return (en_params){read_param, reporting};
}
