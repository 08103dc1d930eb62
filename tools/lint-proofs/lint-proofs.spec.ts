import { readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { RefusedSyntax } from '../lint-rules/syntax.mjs'
import { compilerFindings, formatFindings, lintFindings, packageFindings, wallFindings, type Finding } from './findings.js'
import { filesOf, proofWorkspace, root } from './proof-workspace.js'

const proofs = join(import.meta.dirname, 'proofs')
const files = filesOf(proofs).filter((file) => /\.(ts|mjs)$|\/package\.json$/.test(file))

/** The first line of a proof: `// proof: <check>/<rule> ["message"], …`; in JSON, a field. A file without one must be clean. */
function expected(file: string): string[] {
  const line = file.endsWith('.json') ? /^ {2}"proof": "(.*)",$/m : /^\/\/ proof: (.*)$/m
  const text = line.exec(readFileSync(join(proofs, file), 'utf8'))?.[1]
  return text === undefined ? [] : text.split(', ').sort()
}

const found = new Map<string, Finding[]>()
let folder = ''

beforeAll(async () => {
  folder = proofWorkspace()
  const findings = await Promise.all([
    lintFindings(folder),
    wallFindings(folder),
    packageFindings(folder),
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

  it('of the packages', () => {
    expect(proven).toEqual(expect.arrayContaining(['packages/undeclared', 'packages/unused']))
  })

  it('of the linter, but for what it recommends itself', () => {
    const settings = readFileSync(join(root, 'eslint.config.mjs'), 'utf8')
    const rules = [...settings.matchAll(/'?([\w@/-]+)'?: (?:'error'|\[\s*'error')/g)].map(([, rule]) => `lint/${rule}`)
    expect(rules.length).toBeGreaterThan(10)
    expect(rules.filter((rule) => !proven.some((proof) => proof.split(' ')[0] === rule))).toEqual([])
  })

  it('of the refused syntax', async () => {
    const groups: Readonly<Record<string, readonly RefusedSyntax[]>> = await import('../lint-rules/syntax.mjs')
    const messages = Object.values(groups).flatMap((group) => group.map(({ message }) => message))
    const quoted = proven.flatMap((proof) => /"(.*)"/.exec(proof)?.[1] ?? [])
    expect(messages.filter((message) => !quoted.some((text) => message.startsWith(text)))).toEqual([])
  })
})
