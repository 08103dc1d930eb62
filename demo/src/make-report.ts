import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Home } from '@weir/launch'
import { member, type WeirClient } from './weir-client.js'

export interface MadeReport {
  readonly file: string
  /** what verifying it offline gave, in words */
  readonly verified: string
  readonly ok: boolean
}

/** The released report of this installation, made now if there is none yet, as a file and verified from that file alone. */
export async function makeReport(client: WeirClient, made: { readonly home: Home; readonly vkey: string }): Promise<MadeReport> {
  const reportId = (await newestReport(client)) ?? (await releaseReport(client))
  const file = join(made.home.reports, `${reportId}.zip`)
  writeFileSync(file, await client.download(`/v1/reports/${reportId}/package`), { mode: 0o600 })
  return { file, ...(await verifyFile(file, made.vkey)) }
}

async function newestReport(client: WeirClient): Promise<string | undefined> {
  const { json } = await client.must({ path: '/v1/reports' })
  const items = member(json, 'items')
  const id = Array.isArray(items) ? member(items[0], 'reportId') : undefined
  return typeof id === 'string' ? id : undefined
}

async function releaseReport(client: WeirClient): Promise<string> {
  const body = { template: 'decisions', from: '2026-01-01T00:00:00Z', to: new Date().toISOString() }
  const headers = { 'idempotency-key': `demo-report-${body.to}` }
  const { json, text } = await client.must({ method: 'POST', path: '/v1/reports', body, headers })
  const id = member(json, 'reportId')
  if (typeof id === 'string') return id
  throw new Error(`no report was made: ${text.slice(0, 500)}`)
}

const verifier = new URL('../../services/reports/app/dist/verify.mjs', import.meta.url)

/** By the same single file that a regulator uses, in a process of its own. */
function verifyFile(file: string, vkey: string): Promise<{ readonly ok: boolean; readonly verified: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [verifier.pathname, file, '--vkey', vkey], (error, stdout, stderr) => {
      const lines = `${stdout}${stderr}`.trim().split('\n')
      const wrong = lines.find((line) => !line.startsWith('PASS')) ?? lines.at(-1) ?? ''
      done({
        ok: error === null,
        verified: error === null ? `verified offline (${lines.length} checks, ${lines.at(-1)})` : `NOT verified: ${wrong}`,
      })
    })
  })
}
