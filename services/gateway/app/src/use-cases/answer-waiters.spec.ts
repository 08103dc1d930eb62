import type { AnsweredRevision } from './answer-requests.js'
import { AnswerWaiters, type WaitOptions } from './answer-waiters.js'

const answeredOf = (id: string, ask = 1): AnsweredRevision => ({
  answer: {
    id,
    revision: 1,
    outcome: 'approve',
    reasons: [],
    receipt: '',
    request: { source: 's', action: 'create', enforcement: 'pre', skus: [] },
  },
  entry: '{}',
  index: 0,
  ask,
})

const options = (given: Partial<WaitOptions<string>>): WaitOptions<string> => ({
  timeoutMs: 10_000,
  lookFirst: true,
  fits: () => undefined,
  look: () => Promise.resolve(undefined),
  ...given,
})

describe('AnswerWaiters', () => {
  it('looks once and gives up where there is no time', async () => {
    let looks = 0
    const look = () => Promise.resolve(void (looks += 1))
    expect(await new AnswerWaiters().wait('r', options({ timeoutMs: 0, look }))).toBeUndefined()
    expect(looks).toBe(1)
  })

  it('takes what it is told without a look, where it fits', async () => {
    const waiters = new AnswerWaiters()
    const fits = ({ ask }: AnsweredRevision) => (ask === 2 ? 'the answer' : undefined)
    const look = () => Promise.reject(new Error('looked'))
    const waiting = waiters.wait('r', options({ lookFirst: false, fits, look }))
    waiters.answered(answeredOf('r', 2))

    expect(await waiting).toBe('the answer')
  })

  it('looks again when it is told of an answer, not before', async () => {
    const waiters = new AnswerWaiters()
    const found: (string | undefined)[] = [undefined, 'the answer']
    const began = performance.now()
    const waiting = waiters.wait('r', options({ look: () => Promise.resolve(found.shift()) }))
    waiters.answered(answeredOf('another'))
    waiters.answered(answeredOf('r'))

    expect(await waiting).toBe('the answer')
    expect(performance.now() - began).toBeLessThan(200)
  })

  it('misses no answer that comes while it looks', async () => {
    const waiters = new AnswerWaiters()
    const found: (string | undefined)[] = [undefined, 'the answer']
    const look = () => {
      waiters.answered(answeredOf('r'))
      return Promise.resolve(found.shift())
    }
    const began = performance.now()
    expect(await waiters.wait('r', options({ look }))).toBe('the answer')
    expect(performance.now() - began).toBeLessThan(200)
  })

  it('finds by itself what another process answered', async () => {
    const found: (string | undefined)[] = [undefined, undefined, 'the answer']
    expect(await new AnswerWaiters().wait('r', options({ look: () => Promise.resolve(found.shift()) }))).toBe('the answer')
    expect(await new AnswerWaiters().wait('r', options({ lookFirst: false, look: () => Promise.resolve('the answer') }))).toBe('the answer')
  })

  it('ends with the time it was given, and with an error of the look', async () => {
    const waiters = new AnswerWaiters()
    expect(await waiters.wait('r', options({ timeoutMs: 20 }))).toBeUndefined()
    const look = () => Promise.reject(new Error('no database'))
    await expect(waiters.wait('r', options({ timeoutMs: 20, look }))).rejects.toThrow('no database')
  })

  it('wakes everybody who waits for the same request', async () => {
    const waiters = new AnswerWaiters()
    const fits = () => 'the answer'
    const all = [1, 2].map(() => waiters.wait('r', options({ lookFirst: false, fits })))
    waiters.answered(answeredOf('r'))
    expect(await Promise.all(all)).toEqual(['the answer', 'the answer'])
  })
})
