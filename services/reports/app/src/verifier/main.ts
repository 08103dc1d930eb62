import { createHash, createPublicKey, verify } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readZip, verifyPackage, writeZip, type PackageFiles } from '@weir/reports-core'

const usage = 'usage: node verify.mjs REPORT.zip|FOLDER [--vkey name+hash+base64]\n'
const decode = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const prefix = Buffer.from('302a300506032b6570032100', 'hex')

function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: Buffer.concat([prefix, publicKey]), format: 'der', type: 'spki' })
  return verify(null, message, key, signature)
}

interface Line {
  readonly name: string
  readonly verdict: string
  readonly detail: string
}

function main(given: readonly string[]): number {
  const at = given.indexOf('--vkey')
  const vkey = at < 0 ? undefined : given[at + 1]
  const [path, ...more] = at < 0 ? given : [...given.slice(0, at), ...given.slice(at + 2)]
  if (path === undefined || more.length > 0 || (at >= 0 && vkey === undefined)) {
    process.stderr.write(usage)
    return 2
  }
  const opened = open(path)
  if (opened === undefined) return 2
  const lines = [...opened.lines, ...(opened.files ? checks(opened.files, vkey) : [])]
  for (const { name, verdict, detail } of lines) process.stdout.write(`${verdict} ${name}: ${detail}\n`)
  if (lines.some(({ verdict }) => verdict === 'FAIL')) return 1
  return lines.some(({ verdict }) => verdict !== 'PASS') ? 2 : 0
}

/** A package may be made to break its reader; that is no pass either. */
function checks(files: PackageFiles, vkey: string | undefined): readonly Line[] {
  try {
    return verifyPackage(files, { vkey, crypto: { sha256, verifyEd25519 }, decode })
  } catch (error) {
    return [{ name: 'reading', verdict: 'FAIL', detail: error instanceof Error ? error.message : String(error) }]
  }
}

interface Opened {
  /** undefined: it holds none */
  readonly files: PackageFiles | undefined
  readonly lines: readonly Line[]
}

function open(path: string): Opened | undefined {
  try {
    if (statSync(path).isDirectory()) return { files: folder(path), lines: [] }
    const bytes = readFileSync(path)
    return container(bytes, readZip(bytes, decode))
  } catch (error) {
    process.stderr.write(`${path}: ${error instanceof Error ? error.message : String(error)}\n`)
    return undefined
  }
}

function container(bytes: Uint8Array, files: PackageFiles | undefined): Opened {
  const failed = (detail: string): Opened => ({ files, lines: [{ name: 'container', verdict: 'FAIL', detail }] })
  if (files === undefined) return failed('this is not a report package')
  const exact = writeZip(files)
  const different = exact.findIndex((byte, at) => byte !== bytes[at])
  if (different >= 0 || exact.length !== bytes.length)
    return failed(`this is not the ZIP that its files give, from byte ${different < 0 ? exact.length : different} on`)
  const digest = Buffer.from(sha256(bytes)).toString('hex')
  return { files, lines: [{ name: 'container', verdict: 'PASS', detail: `the ZIP is exactly its files; its SHA-256 is ${digest}` }] }
}

function folder(path: string): PackageFiles {
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((file) => statSync(join(path, file)).isFile())
  return new Map(inManifestOrder(path, files).map((file) => [file, readFileSync(join(path, file))]))
}

/** A folder has no order; the manifest keeps the one of the package. */
function inManifestOrder(path: string, files: readonly string[]): string[] {
  const named = files.map((file) => file.replaceAll('\\', '/'))
  if (!named.includes('manifest-sha256.txt')) return named
  const order = readFileSync(join(path, 'manifest-sha256.txt'), 'utf8')
    .split('\n')
    .map((line) => line.slice(66))
  return named.sort((a, b) => order.indexOf(a) - order.indexOf(b))
}

process.exitCode = main(process.argv.slice(2))
