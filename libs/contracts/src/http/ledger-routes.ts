import { z } from 'zod'
import { instant, type Route } from './route.js'

export const ledgerRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/ledger/checkpoint',
    summary: "The log's newest checkpoint, a signed note.",
    responses: { 200: 'text/plain' },
  },
  {
    method: 'GET',
    path: '/ledger/vkey',
    summary: "The log's signed-note key. Whoever verifies gets it by another way as well.",
    responses: { 200: 'text/plain' },
  },
  {
    method: 'GET',
    path: '/ledger/tile/:level/:index',
    summary:
      'A tile of the tree (tlog-tiles); `level` is a number or `entries`, `index` is as in the format: `x001/234`, with `.p/n` where partial.',
    responses: { 200: 'application/octet-stream' },
  },
  {
    method: 'GET',
    path: '/v1/ledger/entries',
    summary: 'Entries from an index on.',
    scope: 'ledger:read',
    query: z.object({ from: z.int().min(0).default(0), limit: z.int().min(1).max(500).default(100) }),
    responses: {
      200: z.object({
        items: z.array(
          z.object({
            index: z.int().min(0),
            kind: z.enum(['decision', 'policy', 'case', 'license', 'report']),
            /** the exact leaf */
            entry: z.string(),
            treeSize: z.int().min(1),
            recordedAt: instant,
          }),
        ),
      }),
    },
  },
]
