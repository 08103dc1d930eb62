import { z } from 'zod'

/**
 * When: the ledger appended an entry and signed a checkpoint that covers it.
 * A consumer may conclude: the entry is in the log at `index` for good. Verify the receipt before acting on it.
 */
export const entryRecorded = z.object({
  kind: z.enum(['decision', 'policy', 'case', 'license', 'report']),
  /** the request of a decision, else the event that was recorded */
  subjectId: z.string().min(1).max(200),
  /** of a decision */
  revision: z.int().min(1).optional(),
  index: z.int().min(0),
  treeSize: z.int().min(1),
  /** the exact leaf: canonical JSON text */
  entry: z.string().min(2).max(65_535),
  /** c2sp.org/tlog-proof@v1 */
  receipt: z.string().min(1).max(65_535),
  recordedAt: z.iso.datetime(),
})
export type EntryRecorded = z.infer<typeof entryRecorded>
