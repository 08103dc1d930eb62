import { testDatabase, type TestDatabase } from '@weir/testing'
import { CommandLogMigration } from './command-log-migration.js'
import { ProblemError } from './problem-error.js'
import { runIdempotent, runIdempotentMany } from './run-idempotent.js'

describe('idempotent commands', () => {
  let at: TestDatabase
  beforeAll(async () => {
    at = await testDatabase({ service: 'adjudication', migrations: [CommandLogMigration] })
  })
  afterAll(() => at.drop())

  let runs = 0
  const send = (key: string, body: unknown) =>
    at.database.inTransaction((tx) =>
      runIdempotent({ unit: { tx }, key, fingerprint: body }, async () => {
        runs += 1
        return { status: 201, body: { z: 1, a: runs } }
      }),
    )
  beforeEach(() => {
    runs = 0
  })

  it('run once and repeat their answer, member order included', async () => {
    const first = await send('k1', { amount: 5, unit: 'x' })
    const second = await send('k1', { unit: 'x', amount: 5 })

    expect(first).toEqual({ status: 201, body: { z: 1, a: 1 }, replayed: false })
    expect(second).toEqual({ status: 201, body: { z: 1, a: 1 }, replayed: true })
    expect(Object.keys(second.body)).toEqual(['z', 'a'])
  })

  it('run once when they arrive side by side', async () => {
    const answers = await Promise.all([send('k2', 1), send('k2', 1), send('k2', 1)])

    expect(runs).toBe(1)
    expect(answers.filter((answer) => answer.replayed)).toHaveLength(2)
  })

  it('are refused under a key that belongs to another command', async () => {
    await send('k3', { amount: 5 })

    await expect(send('k3', { amount: 6 })).rejects.toMatchObject({ status: 422, code: 'idempotency-key-reused' })
  })

  it('leave the key free when they fail', async () => {
    const failing = at.database.inTransaction((tx) =>
      runIdempotent({ unit: { tx }, key: 'k4', fingerprint: 1 }, () => Promise.reject(new Error('no'))),
    )
    await expect(failing).rejects.toThrow('no')

    expect((await send('k4', 2)).replayed).toBe(false)
  })

  it('run many in one transaction: the new ones only, in order, and a refused one leaves its key free', async () => {
    await send('m-old', 'old')
    await send('m-other', 'one body')
    const refusal = new ProblemError({ status: 409, code: 'taken', title: 'Taken.' })
    const ran: (readonly number[])[] = []
    const commands = ['m-new', 'm-refused', 'm-old', 'm-other', 'm-last'].map((key) => ({
      key,
      fingerprint: key === 'm-old' ? 'old' : 'another body',
    }))
    const answers = await at.database.inTransaction((tx) =>
      runIdempotentMany({ unit: { tx }, commands }, async (fresh) => {
        ran.push(fresh)
        return fresh.map((place) => (place === 1 ? refusal : { status: 202, body: { place } }))
      }),
    )

    expect(ran).toEqual([[0, 1, 4]])
    expect(answers).toMatchObject([
      { status: 202, body: { place: 0 }, replayed: false },
      { code: 'taken' },
      { status: 201, replayed: true },
      { status: 422, code: 'idempotency-key-reused' },
      { status: 202, body: { place: 4 }, replayed: false },
    ])
    expect((await send('m-refused', 'another')).replayed).toBe(false)
    expect((await send('m-new', 'another body')).replayed).toBe(true)
  })
})
