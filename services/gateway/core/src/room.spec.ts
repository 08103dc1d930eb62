import { roomFor, type Load, type LoadFacts, type LoadSignal, type Raised } from './room.js'

const limits = {
  wait: { 'outbox-depth': 100, 'outbox-age': 2_000, lag: 200, 'event-loop': 500, 'open-requests': 300 },
  take: { 'outbox-depth': 1_000, 'outbox-age': 60_000, lag: 5_000, 'event-loop': 2_000, 'open-requests': 4_000 },
}
const idle: Load = { 'outbox-depth': 0, 'outbox-age': 0, lag: 0, 'event-loop': 0, 'open-requests': 0 }
const nothing: Raised = new Map()

interface Given extends Partial<Omit<LoadFacts, 'load'>> {
  readonly load?: Partial<Load>
  readonly before?: Raised
}
const judge = ({ load, before = nothing, caller = { open: 0, callers: 1 }, drainPerSecond = {} }: Given) =>
  roomFor({ load: { ...idle, ...load }, caller, drainPerSecond }, { limits, before })
const admissionOf = (given: Given) => judge(given).admission

describe('room', () => {
  it('is there while nothing is over a limit', () => {
    const load = { 'outbox-depth': 99, 'outbox-age': 1_999, lag: 199, 'event-loop': 499, 'open-requests': 299 }
    expect(judge({ load, caller: { open: 299, callers: 1 } })).toEqual({ admission: { kind: 'admit' }, raised: nothing })
  })

  it.each<[LoadSignal, number]>([
    ['outbox-depth', 100],
    ['outbox-age', 2_000],
    ['lag', 200],
    ['event-loop', 500],
    ['open-requests', 300],
  ])('is not there for those who wait from the first limit of %s on', (signal, value) => {
    expect(admissionOf({ load: { [signal]: value } })).toEqual({ kind: 'admit-without-wait', signal })
    expect(admissionOf({ load: { [signal]: value - 1 } })).toEqual({ kind: 'admit' })
  })

  it.each<[LoadSignal, number, string]>([
    ['outbox-depth', 1_000, 'outbox-full'],
    ['outbox-age', 60_000, 'outbox-stalled'],
    ['lag', 5_000, 'answers-behind'],
    ['event-loop', 2_000, 'overloaded'],
    ['open-requests', 4_000, 'too-many-open'],
  ])('is there for nobody from the second limit of %s on', (signal, value, code) => {
    expect(admissionOf({ load: { [signal]: value } })).toEqual({ kind: 'refuse', signal, code, status: 503, retryAfterSeconds: 5 })
    expect(admissionOf({ load: { [signal]: value - 1 } })).toEqual({ kind: 'admit-without-wait', signal })
  })

  it.each<LoadSignal>(['outbox-depth', 'lag', 'open-requests'])('is unknown where %s is: taken, and nobody waits', (signal) => {
    expect(admissionOf({ load: { [signal]: undefined } })).toEqual({ kind: 'admit-without-wait', signal })
  })
})

describe('room for a caller', () => {
  const crowded = { 'open-requests': 2_000 }

  it.each([
    ['the only one', { open: 2_000, callers: 1 }, 429],
    ['one with more than his share', { open: 1_001, callers: 2 }, 429],
    ['one with his share', { open: 1_000, callers: 2 }, 429],
    ['one with less', { open: 999, callers: 2 }, undefined],
    ['one with nothing under way', { open: 0, callers: 3 }, undefined],
  ])('in a crowd: %s', (_name, caller, status) => {
    const admission = admissionOf({ load: crowded, caller })
    if (status === undefined) expect(admission).toEqual({ kind: 'admit-without-wait', signal: 'open-requests' })
    else expect(admission).toMatchObject({ kind: 'refuse', code: 'caller-over-share', status })
  })

  it('is there for the greatest one too before there is a crowd', () => {
    expect(admissionOf({ load: { 'open-requests': 1_999 }, caller: { open: 1_999, callers: 1 } }).kind).toBe('admit-without-wait')
  })
})

describe('what was raised', () => {
  it('counts until it is a fifth below its limit', () => {
    const { raised } = judge({ load: { lag: 5_000 } })
    expect([...raised]).toEqual([['lag', 'refuse']])
    expect(admissionOf({ load: { lag: 4_000 }, before: raised }).kind).toBe('refuse')
    expect(admissionOf({ load: { lag: 3_999 }, before: raised }).kind).toBe('admit-without-wait')

    const lowered = judge({ load: { lag: 3_999 }, before: raised }).raised
    expect(admissionOf({ load: { lag: 4_500 }, before: lowered }).kind).toBe('admit-without-wait')
    expect(admissionOf({ load: { lag: 160 }, before: lowered }).kind).toBe('admit-without-wait')
    expect(admissionOf({ load: { lag: 159 }, before: lowered })).toEqual({ kind: 'admit' })
  })
})

describe('when to come back', () => {
  const after = (lag: number, drain: number) => admissionOf({ load: { lag }, drainPerSecond: { lag: drain } })

  it.each([
    ['by how fast the backlog drains', 6_000, 100, 20],
    ['not at once', 5_000, 1_000_000, 1],
    ['not after more than a minute', 1_000_000, 10, 60],
    ['unknown while it does not shrink', 6_000, 0, 5],
    ['unknown while it grows', 6_000, -50, 5],
  ])('%s', (_name, lag, drain, retryAfterSeconds) => {
    expect(after(lag, drain)).toMatchObject({ kind: 'refuse', retryAfterSeconds })
  })

  it('for one of a crowd: once there is none', () => {
    const load = { 'open-requests': 2_600 }
    const facts = { load, caller: { open: 2_600, callers: 1 }, drainPerSecond: { 'open-requests': 200 } }
    expect(admissionOf(facts)).toMatchObject({ status: 429, retryAfterSeconds: 3 })
  })
})
