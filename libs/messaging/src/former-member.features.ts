import { fork, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { until, type TestDatabase } from '@weir/testing'
import type { Feature } from '../test/count-features.js'
import { awaitHeard, heardDatabase, listener, told } from '../test/listening-service.js'
import { newKey, numbered } from '../test/workbench.js'
import { groupOf } from './kafka-access.js'
import type { KafkaUnderTest } from './kafkajs-remedies.features.js'
import type { MessageRuntime } from './message-runtime.js'
import type { Transport } from './transport.js'

const root = join(import.meta.dirname, '../../..')
/** For so long the group would wait for a member that was killed. */
const SESSION_MS = 30_000
/** A takeover takes a second; the machine may be busy. */
const SOON_MS = 12_000

/** Whoever starts under the name of a member that died has its partitions at once. */
export function formerMemberFeatures(
  feature: Feature,
  under: (prefix: string) => KafkaUnderTest & { readonly brokers: readonly string[] },
): void {
  let at: TestDatabase
  let child: ChildProcess | undefined
  const running: MessageRuntime[] = []
  const opened: Transport[] = []
  // Positions belong to one log: each feature has topics of its own.
  beforeEach(async () => {
    at = await heardDatabase('gateway')
  })
  afterEach(async () => {
    for (const runtime of running.splice(0)) await runtime.drain()
    for (const transport of opened.splice(0)) await transport.close()
    child?.kill('SIGKILL')
    await at.drop()
  })

  /** An installation of its own, so that no group has members of an earlier feature. */
  const installation = () => {
    const of = under(`former-${randomUUID()}.`)
    const group = of.prefix + groupOf('gateway')
    const open = (instance: string) => {
      const transport = of.open({ instance, consumer: { sessionTimeoutMs: SESSION_MS } })
      opened.push(transport)
      return transport
    }
    return {
      ...of,
      open,
      start: async (instance: string) => {
        const runtime = listener({ database: at, transport: open(instance) })
        running.push(runtime)
        await runtime.start()
        return runtime
      },
      /** the member that the instance says it is */
      noted: async (instance: string) => {
        const rows = await at.database.query<{ member_id: string }>(
          'select member_id from group_member where consumer_group = $1 and instance = $2',
          [group, instance],
        )
        return rows[0]?.member_id
      },
      /** sorted; undefined while the group is being shared out */
      members: async () => {
        const admin = of.kafka().admin()
        await admin.connect()
        try {
          const { groups } = await admin.describeGroups([group])
          return groups[0]?.state === 'Stable' ? groups[0].members.map(({ memberId }) => memberId).sort() : undefined
        } finally {
          await admin.disconnect()
        }
      },
    }
  }
  type Installation = ReturnType<typeof installation>

  const awaitMembers = ({ members }: Installation, describe: string, wanted: (all: readonly string[]) => Promise<boolean> | boolean) =>
    until(
      async () => {
        const all = await members()
        return all !== undefined && (await wanted(all)) ? all : undefined
      },
      { describe, timeoutMs: SESSION_MS * 2, everyMs: 200 },
    )

  feature(
    'a member that was killed holds up nobody who starts under its name',
    async () => {
      const of = installation()
      const key = newKey()
      const speaker = of.open('speaker')
      await speaker.ensureTopics(['weir.customers', 'weir.customers.parked'])
      await speaker.publish([told({ key, name: 'before' })])
      const reports: unknown[] = []
      const member = { url: at.url, brokers: of.brokers, prefix: of.prefix, key, instance: 'one', sessionTimeoutMs: SESSION_MS }
      child = fork(join(import.meta.dirname, '../test/group-member.ts'), {
        cwd: root,
        execArgv: ['--conditions=source', '--import', join(root, 'tools/source-loader.mjs')],
        env: { PATH: process.env['PATH'], GROUP_MEMBER: JSON.stringify(member) },
      })
      child.on('message', (message) => void reports.push(message))
      await until(() => reports.includes('holds'), { describe: 'the member holds a batch', timeoutMs: 30_000 })
      await until(() => of.noted('one'), { describe: 'its membership is noted' })
      child.kill('SIGKILL')

      const began = performance.now()
      await of.start('one')
      await awaitHeard(at, key, 1)
      expect(performance.now() - began).toBeLessThan(SOON_MS)
      await speaker.publish([told({ key, name: 'after' })])
      expect(await awaitHeard(at, key, 2)).toEqual(['before', 'after'])
    },
    90_000,
  )

  feature(
    'nobody is thrown out by one of another name',
    async () => {
      const of = installation()
      await of.start('one')
      const [one] = await awaitMembers(of, 'one is a member', async (all) => all.length === 1 && all[0] === (await of.noted('one')))
      await of.start('two')
      const both = await awaitMembers(of, 'both are members', (all) => all.length === 2)

      expect(both).toContain(one)
      expect(await of.noted('one')).toBe(one)
    },
    90_000,
  )

  feature(
    'one that lives and is thrown out by its own name joins again, and nothing is lost or doubled',
    async () => {
      const of = installation()
      const keys = numbered(0, 16).map(newKey)
      const speaker = of.open('speaker')
      let said = 0
      const speak = async (rounds: number) => {
        for (let round = 0; round < rounds; round += 1, said += 1)
          await speaker.publish(keys.map((key) => told({ key, name: String(said) })))
      }
      await of.start('one')
      await speak(20)
      const [first] = await awaitMembers(of, 'the first is a member', async (all) => all.length === 1 && all[0] === (await of.noted('one')))
      const starting = of.start('one')
      await speak(40)
      await starting
      const both = await awaitMembers(of, 'both are members', (all) => all.length === 2)
      await speak(20)

      expect(both).not.toContain(first)
      for (const key of keys) expect(await awaitHeard(at, key, said)).toEqual(numbered(0, said))
    },
    120_000,
  )
}
