import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const load = async <T>(file: string) => (await import(new URL(file, import.meta.url).href)) as T

const { offlineDockerfile, installedImage } = await load<{ offlineDockerfile(text: string): string; installedImage: string }>(
  './offline-dockerfile.mjs',
)
interface System {
  readonly has: (command: string) => boolean
  readonly hasFile: (file: string) => boolean
  readonly composeCommand: () => readonly string[] | undefined
  readonly uid: number
  readonly platform: string
}
const { lacking } = await load<{ lacking(system: System): readonly string[] }>('./needs.mjs')
const { imageNames } = await load<{ imageNames(): Record<'node' | 'postgres' | 'kafka' | 'weir', string> }>('./images.mjs')

describe('the Dockerfile without a registry', () => {
  const original = read('infra/images/Dockerfile')

  test('differs in where packages come from, and in nothing else', () => {
    const offline = offlineDockerfile(original).split('\n')
    const added = offline.filter((line) => !original.split('\n').includes(line))
    const removed = original.split('\n').filter((line) => !offline.includes(line))
    expect(added).toEqual([
      `FROM ${installedImage} AS compiled`,
      `FROM ${installedImage} AS packages`,
      expect.stringMatching(/^RUN npm prune --omit=dev --omit=optional .*--offline/),
    ])
    expect(removed).toEqual([
      expect.stringMatching(/AS compiled$/),
      expect.stringMatching(/^RUN npm ci --include=dev/),
      expect.stringMatching(/AS packages$/),
      expect.stringMatching(/^RUN npm ci --omit=dev --omit=optional/),
    ])
  })

  test('a Dockerfile whose steps have other words is refused, not half translated', () => {
    expect(() => offlineDockerfile(original.replace('npm ci --include=dev', 'npm ci --include=dev --quiet'))).toThrow(/not exactly one/)
  })

  test('a step that fetches something new is refused', () => {
    expect(() => offlineDockerfile(`${original}RUN apt-get install -y curl\n`)).toThrow(/fetches something more: RUN apt-get/)
  })
})

describe('names of images', () => {
  const names = imageNames()

  test('are those of docker-compose.yml and of the Dockerfile', () => {
    const { services } = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, { image: string }> }
    const { node, ...composed } = names
    expect(new Set(Object.values(services).map(({ image }) => image))).toEqual(new Set(Object.values(composed)))
    expect(node).toMatch(/^node:\d/)
  })

  test('are what the specs ask testcontainers for', () => {
    expect(read('libs/testing/src/postgres-container.ts')).toContain(`'${names.postgres}'`)
    expect(read('libs/testing/src/test-brokers.ts')).toContain(`'${names.kafka}'`)
  })
})

describe('what is lacking', () => {
  const complete: System = { has: () => true, hasFile: () => true, composeCommand: () => ['docker-compose'], uid: 0, platform: 'linux' }

  test('nothing, where all is there', () => {
    expect(lacking(complete)).toEqual([])
  })

  test('says what to install', () => {
    expect(lacking({ ...complete, has: (command) => command !== 'dockerd' })).toEqual([
      expect.stringContaining('apt-get install docker.io'),
    ])
    expect(lacking({ ...complete, composeCommand: () => undefined })).toEqual([expect.stringContaining('docker-compose')])
  })

  test('says that packages are not installed', () => {
    const withoutNode = { ...complete, hasFile: (file: string) => !file.startsWith('node_modules/node/') }
    expect(lacking(withoutNode)).toEqual([expect.stringContaining('npm ci')])
  })

  test('says that root is needed', () => {
    expect(lacking({ ...complete, uid: 1000 })).toEqual([expect.stringContaining('root is needed')])
  })

  test('says that another system will not do', () => {
    expect(lacking({ ...complete, platform: 'darwin' })).toEqual([expect.stringContaining('Linux')])
  })
})
