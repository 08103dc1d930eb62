import { OpenRequests } from './open-requests.js'
import type { AnsweredRevision } from './answer-requests.js'

describe('open requests', () => {
  let now = 0
  let elsewhere: readonly string[] = []
  let asked: (readonly string[])[] = []
  let open: OpenRequests
  const answer = (id: string) => open.answered({ answer: { id } as AnsweredRevision['answer'] })

  beforeEach(() => {
    now = 0
    elsewhere = []
    asked = []
    open = new OpenRequests(
      (ids) => {
        asked.push(ids)
        return Promise.resolve(elsewhere.filter((id) => ids.includes(id)))
      },
      () => now,
    )
  })

  it('are counted by caller until they are answered, each once', () => {
    open.accepted('r-1', 'a')
    open.accepted('r-1', 'a')
    open.accepted('r-2', 'a')
    open.accepted('r-3', 'b')
    expect([open.count(), open.of('a'), open.of('b'), open.of('c')]).toEqual([
      3,
      { open: 2, callers: 2 },
      { open: 1, callers: 2 },
      { open: 0, callers: 3 },
    ])

    answer('r-3')
    answer('r-3')
    answer('of another instance')
    expect([open.count(), open.of('a'), open.of('b')]).toEqual([2, { open: 2, callers: 1 }, { open: 0, callers: 2 }])
  })

  it('are counted while they are being taken, whatever becomes of them', async () => {
    let refuse = (_error: Error): void => undefined
    const refused = open.taking('a', () => new Promise<void>((_done, reject) => (refuse = reject)))
    const counts = [open.count(), open.of('a')]
    refuse(new Error('a conflict'))
    await expect(refused).rejects.toThrow('a conflict')

    expect(counts).toEqual([1, { open: 1, callers: 1 }])
    expect([open.count(), open.of('b')]).toEqual([0, { open: 0, callers: 1 }])
  })

  it('that another instance answered are found out, and not asked for again at once', async () => {
    open.accepted('r-1', 'a')
    open.accepted('r-2', 'a')
    now = 9_999
    await open.review()
    expect(asked).toEqual([])

    now = 10_000
    elsewhere = ['r-2']
    await open.review()
    await open.review()
    expect([open.count(), asked]).toEqual([1, [['r-1', 'r-2']]])
    now = 20_000
    await open.review()
    expect(asked.at(-1)).toEqual(['r-1'])
  })

  it('that others overtook long ago wait for no turn; all that wait together do', async () => {
    open.accepted('parked', 'a')
    now = 60_000
    open.accepted('before', 'a')
    now = 60_001
    open.accepted('after', 'a')
    now = 500_000
    await open.review()
    expect(open.count()).toBe(3)

    answer('before')
    await open.review()
    expect(open.count()).toBe(2)
    answer('after')
    await open.review()
    expect(open.count()).toBe(0)
  })

  it('are counted on while the database does not tell', async () => {
    const lost = new OpenRequests(
      () => Promise.reject(new Error('the database is away')),
      () => now,
    )
    lost.accepted('r-1', 'a')
    now = 10_000
    await expect(lost.review()).rejects.toThrow('away')
    expect(lost.count()).toBe(1)
  })
})
