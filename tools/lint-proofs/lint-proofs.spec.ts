import { readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { compilerFindings, formatFindings, lintFindings, wallFindings, type Finding } from './findings.js'
import { filesOf, proofWorkspace, root } from './proof-workspace.js'

const proofs = join(import.meta.dirname, 'proofs')
const files = filesOf(proofs).filter((file) => file.endsWith('.ts'))

/** The first line of a proof: `// proof: <check>/<rule> ["message"], …`. A file without one must be clean. */
function expected(file: string): string[] {
  const text = /^\/\/ proof: (.*)$/m.exec(readFileSync(join(proofs, file), 'utf8'))?.[1]
  return text === undefined ? [] : text.split(', ').sort()
}

const found = new Map<string, Finding[]>()
let folder = ''

beforeAll(async () => {
  folder = proofWorkspace()
  const findings = await Promise.all([
    lintFindings(folder),
    wallFindings(folder),
    compilerFindings(folder, 'core-wall'),
    compilerFindings(folder, 'types'),
    formatFindings(folder),
  ])
  for (const finding of findings.flat()) found.set(finding.file, [...(found.get(finding.file) ?? []), finding])
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** As the first line writes it: with the message where the proof names one. */
function actual(file: string): string[] {
  const quoted = expected(file).flatMap((proof) => /"(.*)"/.exec(proof)?.[1] ?? [])
  return (found.get(file) ?? [])
    .map(({ rule, message }) => {
      const start = quoted.find((text) => message.startsWith(text))
      return start === undefined ? rule : `${rule} "${start}"`
    })
    .sort()
}

describe('every wall and house rule catches its deliberate violation, and nothing else fires', () => {
  it.each(files)('%s', (file) => {
    expect(actual(file)).toEqual(expected(file))
  })

  it('finds nothing outside the proofs', () => {
    expect([...found.keys()].filter((file) => !files.includes(file))).toEqual([])
  })
})

describe('no rule is without a proof', () => {
  const proven = files.flatMap(expected)

  it('of the walls', () => {
    const { forbidden } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as { forbidden: { name: string }[] }
    expect(forbidden.map(({ name }) => name).filter((name) => !proven.includes(`walls/${name}`))).toEqual([])
  })

  it('of the refused syntax', async () => {
    const groups = (await import('../lint-rules/syntax.mjs')) as Readonly<Record<string, readonly { message: string }[]>>
    const messages = Object.values(groups).flatMap((group) => group.map(({ message }) => message))
    const quoted = proven.flatMap((proof) => /"(.*)"/.exec(proof)?.[1] ?? [])
    expect(messages.filter((message) => !quoted.some((text) => message.startsWith(text)))).toEqual([])
  })
})
