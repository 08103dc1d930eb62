import { Fault } from '@weir/kernel'

export type PersistenceFaultCode =
  | 'database-unreachable'
  | 'migration-failed'
  | 'transaction-over'
  | 'postgres-binaries-missing'
  | 'postgres-start-failed'
  | 'postgres-already-running'
  | 'postgres-password-lost'
  | 'no-unprivileged-user'

export class PersistenceFault extends Fault<PersistenceFaultCode> {}

const transientClasses = new Set(['08', '28', '53', '58'])
const transientStates = new Set([
  '25006', // read-only: a failover is under way
  '25P03', // idle in the transaction for too long: this process was stopped
  '3D000',
  '40001',
  '40P01',
  '55P03', // lock timeout
  '57014', // statement timeout
  '57P01',
  '57P02',
  '57P03',
  '57P05',
])
const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'database-unreachable',
])
// The driver gives no code for these.
const driverMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client (was closed|has encountered a connection error))/

/**
 * True: the database or the way to it failed, the same work may succeed later, so wait and repeat.
 * False: the work itself is at fault and will fail again.
 */
export function isTransient(error: unknown): boolean {
  return links(error).some((link) => {
    const code = 'code' in link && typeof link.code === 'string' ? link.code : undefined
    if (code === undefined) return link instanceof Error && driverMessages.test(link.message)
    return socketCodes.has(code) || transientStates.has(code) || (code.length === 5 && transientClasses.has(code.slice(0, 2)))
  })
}

/** SQLSTATE of a database error, through all wrappers */
export function sqlState(error: unknown): string | undefined {
  for (const link of links(error)) {
    if ('code' in link && typeof link.code === 'string' && /^[0-9A-Z]{5}$/.test(link.code)) return link.code
  }
  return undefined
}

/** The error, what it wraps, and what that wraps; bounded, because causes may form a ring. */
function links(error: unknown): object[] {
  const found: object[] = []
  const open: unknown[] = [error]
  while (open.length > 0 && found.length < 12) {
    const next = open.shift()
    if (typeof next !== 'object' || next === null) continue
    found.push(next)
    if ('driverError' in next) open.push(next.driverError)
    if ('cause' in next) open.push(next.cause)
    if (next instanceof AggregateError) open.push(...(next.errors as unknown[]))
  }
  return found
}
