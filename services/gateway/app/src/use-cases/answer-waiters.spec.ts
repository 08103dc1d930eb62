import { AnswerWaiters } from './answer-waiters.js'

describe('AnswerWaiters', () => {
  it('looks once and gives up where there is no time', async () => {
    let looks = 0
    const look = () => Promise.resolve(void (looks += 1))
    expect(await new AnswerWaiters().wait('r', { timeoutMs: 0, look })).toBeUndefined()
    expect(looks).toBe(1)
  })

  it('looks again when the answer is told, not before', async () => {
    const waiters = new AnswerWaiters()
    const found: (string | undefined)[] = [undefined, 'the answer']
    const began = performance.now()
    const waiting = waiters.wait('r', { timeoutMs: 10_000, look: () => Promise.resolve(found.shift()) })
    waiters.answered('another')
    waiters.answered('r')

    expect(await waiting).toBe('the answer')
    expect(performance.now() - began).toBeLessThan(200)
  })

  it('misses no answer that comes while it looks', async () => {
    const waiters = new AnswerWaiters()
    const found: (string | undefined)[] = [undefined, 'the answer']
    const look = () => {
      waiters.answered('r')
      return Promise.resolve(found.shift())
    }
    const began = performance.now()
    expect(await waiters.wait('r', { timeoutMs: 10_000, look })).toBe('the answer')
    expect(performance.now() - began).toBeLessThan(200)
  })

  it('finds by itself what another process answered', async () => {
    const found: (string | undefined)[] = [undefined, undefined, 'the answer']
    expect(await new AnswerWaiters().wait('r', { timeoutMs: 10_000, look: () => Promise.resolve(found.shift()) })).toBe('the answer')
  })

  it('ends with the time it was given, and with an error of the look', async () => {
    const waiters = new AnswerWaiters()
    const nothing = () => Promise.resolve(undefined)
    expect(await waiters.wait('r', { timeoutMs: 20, look: nothing })).toBeUndefined()
    await expect(waiters.wait('r', { timeoutMs: 20, look: () => Promise.reject(new Error('no database')) })).rejects.toThrow('no database')
  })

  it('wakes everybody who waits for the same request', async () => {
    const waiters = new AnswerWaiters()
    const found: string[] = []
    const all = ['one', 'two'].map(() => waiters.wait('r', { timeoutMs: 10_000, look: () => Promise.resolve(found[0]) }))
    found.push('the answer')
    waiters.answered('r')
    expect(await Promise.all(all)).toEqual(['the answer', 'the answer'])
  })
})
