import type { z } from 'zod'
import { workloadClassified } from './workload-classified.v1.js'

/**
 * When: the catalog learned a SKU, and with it the answer to an ask that was already classified changed.
 * A consumer may conclude: this replaces the earlier verdict of the same ask.
 */
export const workloadReclassified = workloadClassified
export type WorkloadReclassified = z.infer<typeof workloadReclassified>
