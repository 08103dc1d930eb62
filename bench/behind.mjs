import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { asAdministrator } from './installation.mjs'

/** How many messages the consumers have yet to handle, all services together; undefined where it cannot be asked. */
export async function messagesBehind(installation) {
  return installation.kind === 'kafka' ? await askServices(installation) : await askLog(installation)
}

const schemas = ['gateway', 'identity', 'classification', 'adjudication', 'ledger', 'reports']

async function askLog(installation) {
  const each = schemas.map(
    (schema) => `select coalesce(sum(h.next_offset - o.next_offset), 0) as behind
      from ${schema}.consumer_offset o join bus.head h using (topic, partition)`,
  )
  return await asAdministrator(installation, 'weir', async (client) => {
    const { rows } = await client.query(`select sum(behind)::int as behind from (${each.join(' union all ')}) s`)
    return rows[0].behind
  })
}

async function askServices({ home, components }) {
  const { internalToken } = JSON.parse(readFileSync(join(home, 'secrets.json'), 'utf8'))
  const services = Object.entries(components()).filter(([name]) => schemas.includes(name))
  const texts = await Promise.all(
    services.map(async ([name, [pid]]) => {
      const port = new RegExp(`(?:^|\0)WEIR_${name.toUpperCase()}_PORT=(\\d+)`).exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1]
      const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${internalToken}` } })
      return await response.text()
    }),
  )
  const lags = texts.flatMap((text) =>
    [...text.matchAll(/^weir_consumer_lag_messages\{[^}]*\} (\S+)$/gm)].map(([, value]) => Number(value)),
  )
  return lags.length === 0 ? undefined : lags.reduce((total, lag) => total + lag, 0)
}
