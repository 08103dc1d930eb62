import type { Kafka } from 'kafkajs'
import { silent } from '../test/listening-service.js'
import { FormerMember } from './former-member.js'
import type { Memberships } from './transport.js'

describe('the member that a process was before', () => {
  const membership = { group: 'weir.gateway', instance: 'one' }
  const noKafka = {} as Partial<Kafka> as Kafka
  const formerMember = (memberships: Partial<Memberships>) =>
    new FormerMember({
      kafka: noKafka,
      logger: silent,
      membership,
      memberships: { former: () => Promise.resolve(undefined), remember: () => Promise.resolve(), ...memberships },
    })

  it.each([
    ['the database does not answer', () => Promise.reject(new Error('no database'))],
    ['the broker is not there', () => Promise.resolve('member-1')],
    ['there is none', () => Promise.resolve(undefined)],
    ['nothing ever answers', () => new Promise<undefined>(() => undefined)],
  ])('stops no start where %s', async (_, former) => {
    await expect(formerMember({ former }).leave()).resolves.toBeUndefined()
  })

  it('is noted once for each time that it is another, the last one last', async () => {
    const noted: string[] = []
    const former = formerMember({
      remember: async (_, memberId) => {
        await Promise.resolve()
        noted.push(memberId)
        if (memberId === 'member-2') throw new Error('not this time')
      },
    })
    for (const memberId of ['member-1', 'member-1', 'member-2', 'member-3']) void former.remember(memberId)

    await former.remember('member-3')
    expect(noted).toEqual(['member-1', 'member-2', 'member-3'])
  })
})
