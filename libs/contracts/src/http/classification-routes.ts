import { z } from 'zod'
import { instant, listOf, type Route } from './route.js'

const provider = z.string().min(1).max(60)
const raw = z.string().min(1).max(200)
const parts = z.union([
  z.literal('none'),
  z.array(z.strictObject({ model: z.string().min(1).max(120), count: z.number().positive().max(100_000) })).max(64),
])

export const classificationRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/skus/gaps',
    summary: 'Machine names of current asks that nobody has mapped.',
    scope: 'catalog:read',
    responses: { 200: listOf(z.object({ provider, raw, openAsks: z.int().min(0), since: instant })) },
  },
  {
    method: 'GET',
    path: '/v1/skus/:provider/:raw',
    summary: 'What a machine name means: accelerators, none, or unknown.',
    scope: 'catalog:read',
    responses: { 200: z.looseObject({ provider, raw }) },
  },
  {
    method: 'POST',
    path: '/v1/skus',
    summary: 'Maps a machine name that is not listed; open asks that have it are classified again.',
    scope: 'catalog:write',
    idempotent: true,
    request: z.strictObject({ provider: provider.optional(), raw, accelerators: parts }),
    responses: { 201: z.object({ provider, raw, accelerators: parts, reclassifiedAsks: z.int().min(0) }) },
  },
]
