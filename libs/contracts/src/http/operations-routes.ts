import { z } from 'zod'
import { serviceNames } from '../catalog.js'
import { instant, type Route } from './route.js'

const service = z.enum(serviceNames)

/** Messages of one key that a service set aside; all that follows under the key waits behind them. */
export const parkedKey = z.object({
  service,
  /** absent: the messages have none, so nothing waits behind them */
  key: z.string().optional(),
  messages: z.int().min(1),
  topics: z.array(z.string()),
  since: instant,
  /** of the first of them */
  error: z.string(),
})

export const parkedKeys = z.object({
  items: z.array(parkedKey),
  /** services that did not tell; what they hold is not among the items */
  unknown: z.array(service),
})
export type ParkedKeys = z.infer<typeof parkedKeys>

export const redriveCommand = z.strictObject({ service, key: z.string().min(1).max(2000) })
export type RedriveCommand = z.infer<typeof redriveCommand>

export const redriven = z.object({ redriven: z.int().min(0) })

export const operationsRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/parked',
    summary: 'What services set aside because it could not be handled, by service and key, the longest parked first.',
    scope: 'parked:read',
    responses: { 200: parkedKeys },
  },
  {
    method: 'POST',
    path: '/v1/parked:redrive',
    summary:
      'Handles the parked messages of a key again, in their order, and frees the key; answers how many. 409 where one still fails: it and what is behind it stay parked.',
    scope: 'parked:redrive',
    request: redriveCommand,
    responses: { 200: redriven },
  },
]
