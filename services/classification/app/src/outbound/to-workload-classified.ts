import type { EventData } from '@weir/contracts'
import type { ClassifiedAsk } from '../use-cases/ports.js'

/** The event of a verdict; the same shape serves classified and reclassified. */
export function toWorkloadClassified({ ask, verdict, catalogDigest }: ClassifiedAsk, now: Date): EventData<'weir.workload.classified.v1'> {
  return {
    requestId: ask.requestId,
    ask: ask.ask,
    classifiedAt: now.toISOString(),
    resolution: verdict.resolution,
    unknownSkus: [...verdict.unknownSkus],
    accelerators: verdict.accelerators.map((part) => ({ ...part, margins: [...part.margins] })),
    paragraph: verdict.paragraph,
    rule: verdict.rule,
    nearThreshold: verdict.nearThreshold,
    totals: verdict.totals,
    training: { ...verdict.training, reasons: [...verdict.training.reasons] },
    region: verdict.region,
    pins: { catalog: catalogDigest },
  }
}
