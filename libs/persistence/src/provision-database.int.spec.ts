import { migrate, openDatabase } from './index.js'
import type { MigrationInterface, QueryRunner } from 'typeorm'
import { testDatabase, type TestDatabase } from '@weir/testing'

class SecretTable implements MigrationInterface {
  readonly name = 'SecretTable1700000000001'
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table secret (id bigint generated always as identity primary key, word text not null)')
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table secret')
  }
}

describe('provisioned database', () => {
  let at: TestDatabase
  beforeAll(async () => {
    at = await testDatabase({ service: 'identity', migrations: [SecretTable], alongside: ['ledger'] })
  })
  afterAll(() => at.drop())

  it('lets a service read and write its own tables, and only rows of them', async () => {
    const written = await at.database.query<{ id: string; word: string }>('insert into secret (word) values ($1) returning id, word', [
      'heron',
    ])
    const changed = await at.database.query<{ word: string }>('update secret set word = $1 returning word', ['otter'])

    expect(written).toEqual([{ id: '1', word: 'heron' }])
    expect(changed).toEqual([{ word: 'otter' }])
    await expect(at.database.query('drop table secret')).rejects.toMatchObject({ code: '42501' })
    await expect(at.database.query('create table mine (x int)')).rejects.toMatchObject({ code: '42501' })
  })

  it('looks rows up by their key also under plans that were made when the table was empty', async () => {
    const join = 'select word from unnest($1::bigint[]) as w (id) join secret using (id)'
    const ids = Array.from({ length: 50 }, (_, n) => n)
    await at.database.inTransaction(async (tx) => {
      // After five times the server keeps a plan for all values.
      for (let n = 0; n < 6; n++) await tx.query(join, [ids])
      await tx.query("insert into secret (word) select 'word' from generate_series(1, 5000)")
      const [prepared] = await tx.query<{ name: string }>('select name from pg_prepared_statements where statement = $1', [join])
      const plan = await tx.query<Record<string, string>>(`explain execute ${prepared?.name}('{${ids.join()}}')`)
      expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Nested Loop[^]*Index Scan using secret_pkey/)
    })
  })

  it('shows no service the tables of another', async () => {
    const ledger = await openDatabase({ url: at.schemas['ledger']?.url ?? '', name: 'ledger' })
    try {
      await expect(ledger.query('select * from identity.secret')).rejects.toMatchObject({ code: '42501' })
      await expect(ledger.query('create table public.note (x int)')).rejects.toMatchObject({ code: '42501' })
    } finally {
      await ledger.close()
    }
  })

  it('runs a migration once, however often and by how many it is asked', async () => {
    const again = () => migrate({ ownerUrl: at.ownerUrl, schema: 'identity', migrations: [SecretTable] })

    await Promise.all([again(), again(), again()])

    const done = await at.database.query<{ n: number }>("select count(*)::int as n from schema_migration where name like 'SecretTable%'")
    expect(done).toEqual([{ n: 1 }])
  })

  it('takes back everything when the work fails, and ends the transaction for late users', async () => {
    let leaked: (() => Promise<unknown>) | undefined
    const failing = at.database.inTransaction(async (tx) => {
      leaked = () => tx.query('select 1')
      await tx.query("insert into secret (word) values ('gone')")
      throw new Error('no')
    })

    await expect(failing).rejects.toThrow('no')
    expect(await at.database.query("select * from secret where word = 'gone'")).toEqual([])
    await expect(leaked?.()).rejects.toMatchObject({ code: 'transaction-over' })
  })
})
