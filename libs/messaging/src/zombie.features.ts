import { fork, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { until, type TestDatabase } from '@weir/testing'
import type { Feature } from '../test/count-features.js'
import { awaitHeard, heardDatabase, listener, told } from '../test/listening-service.js'
import { newKey, numbered } from '../test/workbench.js'
import type { Transport } from './transport.js'

const root = join(import.meta.dirname, '../../..')

/** A member that the group has given up on, and that does not know. */
export function zombieFeatures(feature: Feature, under: { readonly brokers: readonly string[]; open(prefix: string): Transport }): void {
  let at: TestDatabase
  let member: ChildProcess | undefined
  beforeAll(async () => {
    at = await heardDatabase('gateway')
  })
  afterAll(async () => {
    member?.kill('SIGKILL')
    await at.drop()
  })

  feature(
    'a consumer that was stopped past its session and continued changes nothing, and joins again',
    async () => {
      const prefix = `zombie-${randomUUID()}.`
      const transport = under.open(prefix)
      const keys = numbered(0, 8).map(newKey)
      const [held = ''] = keys
      let said = 0
      const speak = async (rounds: number) => {
        for (let round = 0; round < rounds; round += 1, said += 1)
          await transport.publish(keys.map((key) => told({ key, name: String(said) })))
      }
      await transport.ensureTopics(['weir.customers', 'weir.customers.parked'])
      // Of one partition alone, so that the member is stopped outside of any transaction.
      await transport.publish([told({ key: held, name: 'first' })])
      const reports: unknown[] = []
      member = fork(join(import.meta.dirname, '../test/group-member.ts'), {
        cwd: root,
        execArgv: ['--conditions=source', '--import', join(root, 'tools/source-loader.mjs')],
        env: {
          PATH: process.env['PATH'],
          GROUP_MEMBER: JSON.stringify({ url: at.url, brokers: under.brokers, prefix, key: held, sessionTimeoutMs: 6_000 }),
        },
      })
      member.on('message', (message) => void reports.push(message))
      await until(() => reports.includes('holds'), { describe: 'the member holds a batch', timeoutMs: 30_000 })
      member.kill('SIGSTOP')
      await speak(20)

      const other = under.open(prefix)
      const runtime = listener({ database: at, transport: other })
      await runtime.start()
      try {
        await speak(20)
        for (const key of keys.slice(1)) await awaitHeard(at, key, said)
        await awaitHeard(at, held, said + 1)
        member.kill('SIGCONT')
        member.send('go on')
        await until(() => reports.length > 1, { describe: 'the zombie has tried', timeoutMs: 30_000 })
        expect(reports[1]).toBe('fenced')

        await speak(20)
        await runtime.drain()
        await speak(5)
        const all = numbered(0, said)
        for (const key of keys.slice(1)) expect(await awaitHeard(at, key, said)).toEqual(all)
        expect(await awaitHeard(at, held, said + 1)).toEqual(['first', ...all])
      } finally {
        await runtime.drain()
        await Promise.all([transport.close(), other.close()])
      }
    },
    90_000,
  )
}
