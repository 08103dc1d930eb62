/** What one import takes at most; see WEIR_IDENTITY_IMPORT_ROWS_MAX. */
const ROWS_AT_ONCE = 5_000

export const idOf = (n) => `bench-${n}`
export const tenantOf = (n) => ({ system: 'aws', id: idOf(n) })

const header = 'customerId,name,registeredIn,headquarters,noneAbove,tenants,owners'
const quoted = (value) => `"${JSON.stringify(value).replaceAll('"', '""')}"`
const rowOf = (n) => {
  const owner = { partyId: `${idOf(n)}-owner`, name: `Bench Owner ${n}`, kind: 'person', sharePercent: 100 }
  return [idOf(n), `Bench Customer ${n}`, 'US', 'US', 'true', `aws|${idOf(n)}`, quoted([owner])].join(',')
}

/** Registers customers `from` up to and without `to` over HTTP. */
export async function importCustomers({ url, officerKey }, { from, to }) {
  for (let first = from; first < to; first += ROWS_AT_ONCE) {
    const rows = Array.from({ length: Math.min(ROWS_AT_ONCE, to - first) }, (_, n) => rowOf(first + n))
    const response = await fetch(`${url}/v1/customers:import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${officerKey}`, 'content-type': 'text/csv', 'idempotency-key': `bench-${from}-${first}` },
      body: [header, ...rows].join('\n'),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`customers were not imported: ${response.status} ${text.slice(0, 500)}`)
  }
}

/** One that every rule looks at and none stops: accelerators, a known customer, all approved. */
const ask = ({ id, customer }) => ({
  source: 'bench',
  sourceEventId: id,
  occurredAt: new Date().toISOString(),
  action: 'create',
  tenantRef: tenantOf(customer),
  enforcement: 'pre',
  provider: 'aws',
  region: { raw: 'us-west-2' },
  skus: [{ raw: 'p4d.24xlarge', count: 2 }],
  requestedCount: { min: 2, max: 2 },
  delivery: 'remote',
  endUse: { category: 'ai-inference' },
})

let round = 0

/**
 * `(n) => { headers, body }`, a new request each. Those of one customer wait for each other, so they go round `customers`, in steps that
 * leave no neighborhood in an index to profit from.
 */
export function asking({ apiKey = '' }, customers, customerOf = goingRound(customers)) {
  round += 1
  const label = `bench-${process.pid}-${round}`
  return (n) => {
    const id = `${label}-${n}`
    const headers = {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      'idempotency-key': id,
      prefer: 'wait=10',
    }
    return { headers, body: JSON.stringify(ask({ id, customer: customerOf(n) })) }
  }
}

function goingRound(customers) {
  const step = coprime(Math.floor(customers * 0.618), customers)
  return (n) => (n * step) % customers
}

function coprime(near, with_) {
  for (let step = Math.max(1, near); ; step += 1) if (commonDivisor(step, with_) === 1) return step
}

const commonDivisor = (a, b) => (b === 0 ? a : commonDivisor(b, a % b))
