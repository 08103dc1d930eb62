import { createRequire } from 'node:module'
import { jest } from '@jest/globals'
import { patchRequestQueue } from './kafka-patches.js'

interface Queue {
  pending: unknown[]
  throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  scheduleCheckPendingRequests(): void
}

describe('the request queue of kafkajs', () => {
  const require = createRequire(import.meta.url)
  const { prototype } = require('kafkajs/src/network/requestQueue') as { readonly prototype: Queue }
  const queue = (over: Partial<Queue>): Queue =>
    Object.assign(Object.create(prototype) as Queue, { pending: [], throttledUntil: -1, throttleCheckTimeoutId: null, ...over })
  beforeAll(() => {
    jest.useFakeTimers()
    patchRequestQueue()
  })
  afterAll(() => {
    jest.useRealTimers()
  })

  it('is of the version that is mended here', () => {
    expect((require('kafkajs/package.json') as { readonly version: string }).version).toBe('2.2.4')
  })

  it('sets no timer when nothing waits', () => {
    queue({}).scheduleCheckPendingRequests()

    expect(jest.getTimerCount()).toBe(0)
  })

  it.each([
    ['requests wait', { pending: [{}] }],
    ['the broker throttles', { throttledUntil: Number.MAX_SAFE_INTEGER }],
  ])('still looks again when %s', (_, over) => {
    queue(over).scheduleCheckPendingRequests()

    expect(jest.getTimerCount()).toBe(1)
    jest.clearAllTimers()
  })
})
