import { importCustomers } from '../customers.mjs'
import { asAdministrator, makeHome, removeHome, startWeir } from '../installation.mjs'
import { loadOn, settle } from '../load.mjs'

/** How many of the dearest statements are named. */
const NAMED = 20

/**
 * SQL statements of a request and the server's time for them, by whose they are. Counted by PostgreSQL itself, which has to be told
 * so before it starts, and in a run of its own, because counting costs.
 */
export async function countStatements({ kind, broker, customers, rate, seconds, say }) {
  say(`counting statements at ${rate}/s`)
  const home = makeHome()
  try {
    const first = await startWeir({ kind, broker, home })
    try {
      await importCustomers(first, { from: 0, to: customers })
      await asAdministrator(first, 'weir', (client) => client.query("alter system set shared_preload_libraries = 'pg_stat_statements'"))
    } finally {
      await first.stop()
    }
    const weir = await startWeir({ kind, broker, home })
    try {
      await asAdministrator(weir, 'weir', (client) => client.query('create extension pg_stat_statements'))
      await settle(weir, { customers })
      await asAdministrator(weir, 'weir', (client) => client.query('select pg_stat_statements_reset()'))
      const { requests } = await loadOn(weir, { rate, seconds, warmUpSeconds: 0, customers })
      return { rate, ...(await asAdministrator(weir, 'weir', (client) => readStatements(client, requests))) }
    } finally {
      await weir.stop()
    }
  } finally {
    removeHome(home)
  }
}

async function readStatements(client, requests) {
  const { rows } = await client.query(`
    select replace(r.rolname, 'weir_', '') as owner, s.query, s.calls::float8 as calls, s.total_exec_time as ms
    from pg_stat_statements s join pg_roles r on r.oid = s.userid where r.rolname <> 'postgres' order by s.total_exec_time desc`)
  const owners = Object.groupBy(rows, ({ owner }) => owner)
  const sum = (some, what) => some.reduce((total, row) => total + row[what], 0) / requests
  return {
    perRequest: Object.fromEntries(
      Object.entries(owners)
        .map(([owner, some]) => [owner, { statements: sum(some, 'calls'), ms: sum(some, 'ms') }])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    dearest: rows.slice(0, NAMED).map(({ owner, query, calls, ms }) => ({
      owner,
      perRequest: calls / requests,
      ms: ms / requests,
      text: query.replace(/\s+/g, ' ').slice(0, 160),
    })),
  }
}
