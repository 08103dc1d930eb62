import { jest } from '@jest/globals'
import { fakeKafka, type FakeConsumer } from '../test/fake-kafka.js'
import { silent } from '../test/listening-service.js'
import type { FormerMember } from './former-member.js'
import { KafkaConsumer } from './kafka-consumer.js'
import type { ConsumerOptions, PartitionBatch } from './transport.js'

const at = { topic: 't', partition: 0 }
const joined = { memberId: 'member-1', memberAssignment: { t: [0] } }

function consumerOn(
  fake: ReturnType<typeof fakeKafka>,
  over: Partial<ConsumerOptions> = {},
  former?: Pick<FormerMember, 'leave' | 'remember'>,
) {
  const givenUp: string[] = []
  const batches: PartitionBatch[] = []
  let epoch = 0
  const consumer = new KafkaConsumer({
    kafka: fake.kafka,
    logger: silent,
    prefix: '',
    partitions: 1,
    former,
    onGivenUp: (reason) => void givenUp.push(reason),
    options: {
      group: 'g',
      topics: ['t'],
      onAssigned: (all) => Promise.resolve(all.map((one) => ({ ...one, nextOffset: 7n, epoch: ++epoch }))),
      onBatch: (batch) => Promise.resolve(void batches.push(batch)),
      ...over,
    },
  })
  return { consumer, givenUp, batches }
}
const tick = () => jest.advanceTimersByTimeAsync(0)

describe('a consumer of Kafka', () => {
  beforeEach(() => {
    jest.useFakeTimers()
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  it('starts where the database says, and begins with everything where it says nothing', async () => {
    const fake = fakeKafka()
    const { consumer } = consumerOn(fake)
    await consumer.start()
    fake.made[0]?.tell('GROUP_JOIN', joined)
    await tick()

    expect(fake.made[0]?.seeks).toEqual([{ ...at, offset: '7' }])
    expect(fake.made[0]?.subscribed).toEqual({ topics: ['t'], fromBeginning: true })
    await consumer.stop()
  })

  it('has its former member leave before it joins, at its start only, and has its partitions when it has noted whose they are', async () => {
    const told: string[] = []
    const fake = fakeKafka(() => void told.push('joins'))
    const gate = Promise.withResolvers<void>()
    const leave = () => Promise.resolve(void told.push('leaves'))
    const remember = (memberId: string) => (told.push(memberId), gate.promise)
    const { consumer } = consumerOn(fake, {}, { leave, remember })
    await consumer.start()
    fake.made[0]?.tell('GROUP_JOIN', joined)
    await tick()
    expect(consumer.trouble()).toBe('the group has not assigned it partitions yet')

    gate.resolve()
    await tick()
    expect(consumer.trouble()).toBeUndefined()
    fake.made[0]?.tell('CRASH', { error: new Error('gone') })
    await jest.advanceTimersByTimeAsync(5_000)
    expect(told).toEqual(['leaves', 'joins', 'member-1', 'joins'])
    await consumer.stop()
  })

  it('tells Kafka what is handled, and that only', async () => {
    const fake = fakeKafka()
    const gate = Promise.withResolvers<void>()
    const { consumer } = consumerOn(fake, { onBatch: () => gate.promise })
    await consumer.start()
    fake.made[0]?.tell('GROUP_JOIN', joined)
    await tick()
    const given = fake.made[0]?.batch({ ...at, from: 7, count: 3 })
    await jest.advanceTimersByTimeAsync(3_000)
    expect((await given)?.resolved).toBe('9')
    expect(fake.made[0]?.run.autoCommit).toBe(false)
    expect(fake.made[0]?.commits).toEqual([])

    gate.resolve()
    await jest.advanceTimersByTimeAsync(1_000)
    expect(fake.made[0]?.commits).toEqual([[{ ...at, offset: '10' }]])
    await consumer.stop()
  })

  it('hands kafkajs no error of a handler, and tries the batch again as often as it takes', async () => {
    const fake = fakeKafka()
    let tries = 0
    const { consumer } = consumerOn(fake, {
      onBatch: () => (++tries < 12 ? Promise.reject(new Error('away')) : Promise.resolve()),
    })
    await consumer.start()
    fake.made[0]?.tell('GROUP_JOIN', joined)
    await tick()
    const given = fake.made[0]?.batch({ ...at, from: 7, count: 1 })
    await jest.advanceTimersByTimeAsync(100)
    await expect(given).resolves.toEqual({ resolved: '7' })
    expect(consumer.trouble()).toBe('t/0: away')

    for (let seconds = 0; seconds < 60; seconds += 1) {
      fake.made[0]?.tell('FETCH')
      await jest.advanceTimersByTimeAsync(1_000)
    }
    expect(tries).toBe(12)
    expect(consumer.trouble()).toBeUndefined()
    expect(fake.made).toHaveLength(1)
    await consumer.stop()
  })

  it('is replaced when it dies, and asks for a fresh process when that does not help', async () => {
    const fake = fakeKafka((one) => one.tell('CRASH', { error: new Error('illegal generation') }))
    const { consumer, givenUp } = consumerOn(fake)
    await consumer.start()
    await jest.advanceTimersByTimeAsync(20_000)

    expect(fake.made.length).toBeGreaterThan(2)
    expect(fake.made.slice(0, -1).every(({ isGone }) => isGone)).toBe(true)
    expect(consumer.trouble()).toContain('illegal generation')
    expect(givenUp).toEqual([])
    await jest.advanceTimersByTimeAsync(180_000)
    expect(givenUp).toEqual(['the consumer died 12 times in a row, last: illegal generation'])
    await consumer.stop()
  })

  it.each([
    ['is replaced when it says nothing any more', false],
    ['is left alone while it lives', true],
  ])('%s', async (_, lives) => {
    const fake = fakeKafka()
    const { consumer } = consumerOn(fake)
    await consumer.start()
    fake.made[0]?.tell('GROUP_JOIN', joined)
    for (let seconds = 0; seconds < 60; seconds += 1) {
      if (lives) fake.made[0]?.tell('FETCH')
      await jest.advanceTimersByTimeAsync(1_000)
    }

    expect(fake.made.length).toBe(lives ? 1 : 2)
    expect(fake.made[0]?.isGone).toBe(!lives)
    await consumer.stop()
  })

  it('counts no epoch that comes after that of a later assignment', async () => {
    const fake = fakeKafka()
    const answers: ((epoch: number) => void)[] = []
    const { consumer, batches } = consumerOn(fake, {
      onAssigned: (all) =>
        new Promise((done) => answers.push((epoch) => done(all.map((one) => ({ ...one, nextOffset: BigInt(epoch), epoch }))))),
    })
    await consumer.start()
    fake.made[0]?.tell('GROUP_JOIN', joined)
    fake.made[0]?.tell('GROUP_JOIN', joined)
    answers[1]?.(2)
    await tick()
    answers[0]?.(1)
    await tick()
    await fake.made[0]?.batch({ ...at, from: 2, count: 1 })

    expect(batches.map(({ epoch }) => epoch)).toEqual([2])
    await consumer.stop()
  })

  it('stops fetching a partition whose lane is full, and goes on when there is room', async () => {
    const fake = fakeKafka()
    const gates: (() => void)[] = []
    const { consumer } = consumerOn(fake, { onBatch: () => new Promise((done) => gates.push(done)) })
    await consumer.start()
    const one: FakeConsumer | undefined = fake.made[0]
    one?.tell('GROUP_JOIN', joined)
    await tick()
    for (let from = 7; from < 1_600; from += 300) {
      const given = one?.batch({ ...at, from, count: 300 })
      await jest.advanceTimersByTimeAsync(100)
      await given
    }
    expect(one?.paused).toEqual(['t/0'])

    for (let n = 0; n < 4; n += 1) {
      gates[n]?.()
      await tick()
    }
    expect(one?.paused).toEqual([])
    await Promise.all([consumer.stop(), tick().then(() => gates.forEach((open) => open()))])
  })
})
