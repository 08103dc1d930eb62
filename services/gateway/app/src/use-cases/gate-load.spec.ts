import type { RoomLimits } from '@weir/gateway-core'
import { GateLoad } from './gate-load.js'
import { OpenRequests } from './open-requests.js'

const limits: RoomLimits = {
  wait: { 'outbox-depth': 10, 'outbox-age': 1_000, lag: 10, 'event-loop': 100, 'open-requests': 10 },
  take: { 'outbox-depth': 100, 'outbox-age': 10_000, lag: 100, 'event-loop': 1_000, 'open-requests': 100 },
}

describe('the load of the gate', () => {
  let now = 0
  let lag: readonly { topic: string; partition: number; messages: number }[] | undefined = []
  let gate: GateLoad
  const behind = (messages: number, topic = 'weir.ledger') => [{ topic, partition: 0, messages }]

  beforeEach(() => {
    now = 0
    lag = []
    gate = new GateLoad({
      load: {
        outboxDepth: () => 0,
        outboxAgeMs: () => 0,
        eventLoopDelayMs: () => 0,
        lag: () => (lag === undefined ? Promise.reject(new Error('the log does not tell')) : Promise.resolve(lag)),
      },
      open: new OpenRequests(
        () => Promise.resolve([]),
        () => now,
      ),
      limits,
      now: () => now,
    })
  })

  it('is not known before anybody looked, nor long after', async () => {
    const unknown = { kind: 'admit-without-wait', signal: 'lag' }
    expect(gate.roomFor('a')).toEqual(unknown)
    await gate.look()
    expect(gate.roomFor('a')).toEqual({ kind: 'admit' })

    lag = undefined
    now = 4_999
    await expect(gate.look()).rejects.toThrow('does not tell')
    expect(gate.roomFor('a')).toEqual({ kind: 'admit' })
    now = 5_000
    expect(gate.roomFor('a')).toEqual(unknown)
  })

  it('is the lag of the topics that answers come from', async () => {
    lag = [...behind(60, 'weir.decisions'), ...behind(40)]
    await gate.look()
    expect(gate.roomFor('a')).toMatchObject({ kind: 'refuse', code: 'answers-behind' })

    lag = [...behind(1_000_000, 'weir.intake'), ...behind(1_000_000, 'weir.customers')]
    await gate.look()
    expect(gate.roomFor('a')).toEqual({ kind: 'admit' })
  })

  it('says when to come back by how fast it went down of late', async () => {
    for (const messages of [400, 300, 200, 180]) {
      lag = behind(messages)
      await gate.look()
      now += 1_000
    }
    // (400 - 180) / 3 s; 100 above the 80 at which there is room
    expect(gate.roomFor('a')).toMatchObject({ kind: 'refuse', retryAfterSeconds: 2 })
  })
})
