import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js'

describe('embedded PostgreSQL', () => {
  let home: string
  const running: EmbeddedPostgres[] = []
  const lines: string[] = []
  // mkdtemp makes the folder 0700: the unprivileged user that root lends the server to cannot pass it
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'weir-persistence-'))
  })
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop()
    const relocated = lines.map((line) => /the data lies in (.*)\/data\.$/.exec(line)?.[1]).find((base) => base !== undefined)
    if (relocated !== undefined) rmSync(relocated, { recursive: true, force: true })
    rmSync(home, { recursive: true, force: true })
    lines.length = 0
  })

  const start = async () => {
    const server = await startEmbeddedPostgres({
      dataDir: join(home, 'postgres'),
      durable: false,
      logger: { info: (line) => void lines.push(line) },
    })
    running.push(server)
    return server
  }
  const query = async (url: string, sql: string) => {
    const client = new Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query(sql)).rows
    } finally {
      await client.end()
    }
  }

  it('keeps what was written over a restart', async () => {
    const first = await start()
    await query(first.adminUrl, 'create table kept as select 42 as answer')
    await first.stop()

    const second = await start()

    expect(await query(second.adminUrl, 'select answer from kept')).toEqual([{ answer: 42 }])
  })

  it('refuses a second server on the same data', async () => {
    await start()

    await expect(start()).rejects.toMatchObject({ code: 'postgres-already-running' })
  })

  it('lets nobody in without the password', async () => {
    const { adminUrl } = await start()
    const open = new URL(adminUrl)
    open.password = 'guess'

    await expect(query(open.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
  })
})
