import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const manifests = globSync(['package.json', '{libs,services}/**/package.json', '{demo,simulation,bench,chaos,e2e,tools}/**/package.json'], {
  cwd: root,
  exclude: ['**/node_modules/**', '**/dist/**', 'tools/lint-proofs/**'],
})
const groups = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const

interface Dependency {
  readonly name: string
  readonly version: string
  readonly file: string
}
const all: readonly Dependency[] = manifests.flatMap((file) => {
  const manifest = JSON.parse(read(file)) as Partial<Record<(typeof groups)[number], Record<string, string>>>
  return groups.flatMap((group) => Object.entries(manifest[group] ?? {}).map(([name, version]) => ({ name, version, file })))
})
const foreign = all.filter(({ name }) => !name.startsWith('@weir/'))

const decisions = globSync('docs/adr/[0-9]*.md', { cwd: root }).map(read).join('\n')
/** As a word of its own: `pg` is not named by `pgbouncer`, nor `jest` by `@swc/jest`. */
const isNamed = (name: string): boolean => new RegExp(`(?<![\\w@/.-])${name.replaceAll('.', String.raw`\.`)}(?![\\w/-])`).test(decisions)

describe('dependencies', () => {
  it('are found', () => {
    expect(manifests.length).toBeGreaterThan(20)
    expect(foreign.map(({ name }) => name)).toEqual(expect.arrayContaining(['kafkajs', 'typeorm', 'jest']))
  })

  it('are each named by a decision', () => {
    expect(isNamed('left-pad')).toBe(false)
    expect([...new Set(foreign.filter(({ name }) => !isNamed(name)).map(({ name, file }) => `${name} (${file})`))]).toEqual([])
  })

  it('are pinned exactly, to one version each', () => {
    const loose = all.filter(({ version }) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    expect(loose.map(({ name, version, file }) => `${file}: ${name} ${version}`)).toEqual([])
    const versions = new Map<string, Set<string>>()
    for (const { name, version } of all) versions.set(name, (versions.get(name) ?? new Set()).add(version))
    expect([...versions].filter(([, found]) => found.size > 1).map(([name]) => name)).toEqual([])
  })

  it('of a decision that are gone are gone from it', () => {
    const table = read('docs/adr/0017-dependencies.md')
    const named = [...table.matchAll(/^\| (`.*?) +\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    )
    expect(named.length).toBeGreaterThan(30)
    expect(named.filter((name) => !foreign.some((dependency) => dependency.name === name))).toEqual([])
  })
})
