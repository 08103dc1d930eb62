import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { adjudicationService } from '@weir/adjudication'
import { classificationService } from '@weir/classification'
import { gatewayService } from '@weir/gateway'
import { identityService } from '@weir/identity'
import { ledgerService } from '@weir/ledger'
import { reportsService } from '@weir/reports'
import { parseServiceConfig, type ServiceDefinition } from '@weir/service-host'
import { parse } from 'yaml'
import type { z } from 'zod'

interface Container {
  readonly image: string
  readonly build?: object
  readonly pull_policy?: string
  readonly command?: readonly string[]
  readonly restart?: string
  readonly ports?: readonly string[]
  readonly networks?: readonly string[]
  readonly network_mode?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: { readonly test: readonly string[] }
}

interface Compose {
  readonly services: Readonly<Record<string, Container>>
  readonly volumes: Readonly<Record<string, object>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>
}

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** As it is where nobody sets anything: every variable has its default. */
const text = read('docker-compose.yml').replace(/\$\{(\w+):-([^}]*)\}/g, '$2')
const compose = parse(text, { merge: true }) as Compose
const containers = Object.entries(compose.services)
const containerOf = (name: string): Container => {
  const container = compose.services[name]
  if (container === undefined) throw new Error(`no container ${name}`)
  return container
}

const definitions: readonly ServiceDefinition[] = [
  gatewayService,
  identityService,
  classificationService,
  adjudicationService,
  ledgerService,
  reportsService,
]
const names = definitions.map(({ name }) => name)
const each = definitions.map((definition) => [definition.name, definition] as const)
const upper = (name: string) => name.toUpperCase()

const { settingsOf } = (await import(new URL('compose/settings.mjs', import.meta.url).href)) as {
  settingsOf(
    service: string,
    known: { readonly url: string; readonly internalToken: string; readonly vkey: string },
  ): Record<string, string>
}
const secretsOf = (name: string) => settingsOf(name, { url: 'postgres://a@b/c', internalToken: 'token', vkey: 'name+hash+key' })

/** Mounted volumes: name, folder, read-only. */
const mountsOf = (container: Container) =>
  (container.volumes ?? []).map((mount) => {
    const [volume = '', folder = '', mode] = mount.split(':')
    return { volume, folder, readOnly: mode === 'ro' }
  })
const mountersOf = (volume: string) =>
  containers
    .filter(([, container]) => mountsOf(container).some((mount) => mount.volume === volume))
    .map(([name]) => name)
    .sort()

describe('containers', () => {
  test('every service that can run alone has one, and its command is its main file', () => {
    const alone = readdirSync(join(root, 'services')).filter((name) => existsSync(join(root, 'services', name, 'app/src/main.ts')))
    expect(alone.sort()).toEqual([...names].sort())
    for (const name of alone) expect(containerOf(name).command).toEqual([`services/${name}/app/dist/main.js`])
  })

  test('all of Weir is one image; every image is pinned to what the rest of the repository pins', () => {
    const { version, devDependencies } = JSON.parse(read('package.json')) as { version: string; devDependencies: { node: string } }
    const kafka =
      /<kafka\.version>([^<]+)</.exec(read('infra/kafka/pom.xml'))?.[1] ??
      /kafka_2\.13<\/artifactId>\s*<version>([^<]+)</.exec(read('infra/kafka/pom.xml'))?.[1]
    const { postgres, kafka: broker, ...ours } = Object.fromEntries(containers.map(([name, { image }]) => [name, image]))
    expect(new Set(Object.values(ours))).toEqual(new Set([`weir:${version}`]))
    expect(broker).toBe(`apache/kafka:${kafka}`)
    expect(postgres).toMatch(/^postgres:18\.\d+-/)
    expect(read('infra/images/Dockerfile')).toContain(`ARG NODE_IMAGE=node:${devDependencies.node}-`)
  })

  test('our image is made here or is there already, and is never fetched by a name that anybody may take', () => {
    for (const [name, { image, build, pull_policy: policy }] of containers) {
      if (!image.startsWith('weir:')) continue
      expect({ name, policy }).toEqual({ name, policy: build === undefined ? 'never' : 'build' })
    }
  })

  test('what they run is in the image', () => {
    for (const [, { image, command = [] }] of containers.filter(([, container]) => container.image.startsWith('weir:'))) {
      expect({
        image,
        file: command[0],
        there: existsSync(join(root, (command[0] ?? '').replace('/dist/', '/src/').replace(/\.js$/, '.ts'))),
      }).toMatchObject({ there: true })
    }
  })
})

describe('settings', () => {
  test.each(each)('%s accepts its environment and its settings file, and lacks nothing', (name, definition) => {
    const { environment = {} } = containerOf(name)
    expect(() => parseServiceConfig(definition, { ...environment, ...secretsOf(name) })).not.toThrow()
  })

  test.each(each)('%s is given no key that nobody reads', (name, definition) => {
    const { environment = {} } = containerOf(name)
    const own = Object.keys((definition.config as z.ZodObject).shape)
    const host = ['WEIR_BROKERS', 'WEIR_HOST', 'WEIR_LOG_LEVEL', 'WEIR_SETTINGS_FILE', `WEIR_${upper(name)}_PORT`]
    const asked = names.filter((other) => other !== name && (name === 'gateway' || definition.reads?.includes(other)))
    const others = asked.map((other) => `WEIR_${upper(other)}_URL`)
    expect(Object.keys(environment).filter((key) => ![...own, ...host, ...others].includes(key))).toEqual([])
    expect(Object.keys(environment)).toEqual(expect.arrayContaining([...host, ...others]))
  })

  test('no key stands both in the environment and in the settings file: that is refused at the start', () => {
    for (const name of names) {
      const { environment = {} } = containerOf(name)
      expect(Object.keys(secretsOf(name)).filter((key) => key in environment)).toEqual([])
    }
  })

  test('a service is looked for at the port it listens at, which is the port its health check asks', () => {
    for (const name of names) {
      const { environment = {}, healthcheck } = containerOf(name)
      const port = environment[`WEIR_${upper(name)}_PORT`]
      expect(healthcheck?.test).toEqual(['CMD', 'node', 'infra/compose/ready.mjs', port])
      const addresses = containers.map(([, container]) => container.environment?.[`WEIR_${upper(name)}_URL`])
      const given = addresses.filter((address) => address !== undefined)
      expect(given.filter((address) => address !== `http://${name}:${port}`)).toEqual([])
    }
  })
})

describe('secrets', () => {
  test('the file holds none: what a secret is given for is a file, and no address holds a password', () => {
    for (const [, { environment = {} }] of containers) {
      for (const [key, value] of Object.entries(environment)) {
        if (/PASSWORD|SECRET|TOKEN|KEY|PASSPHRASE|DATABASE_URL/.test(key))
          expect([key, value]).toEqual([expect.stringMatching(/_FILE$/), expect.stringMatching(/^\//)])
        expect(value).not.toMatch(/:\/\/[^/@\s]*:[^/@\s]*@/)
      }
    }
    expect(read('infra/images/Dockerfile')).not.toMatch(/PASSWORD|SECRET|TOKEN/)
  })

  test('a service mounts its own settings and no other', () => {
    for (const name of names) {
      expect(mountersOf(name)).toEqual([name, 'prepare', 'secrets'].sort())
      const own = mountsOf(containerOf(name)).find(({ volume }) => volume === name)
      expect(own).toEqual({ volume: name, folder: `/var/lib/weir/${name}`, readOnly: true })
      expect(containerOf(name).environment?.['WEIR_SETTINGS_FILE']).toBe(`/var/lib/weir/${name}/settings.json`)
    }
  })

  test('what opens everything is mounted by steps that end, and the password of the database by the database', () => {
    expect(mountersOf('installation')).toEqual(['keys', 'prepare', 'secrets', 'stories'])
    for (const name of mountersOf('installation')) expect(containerOf(name).restart).toBe('no')
    expect(mountersOf('postgres-password')).toEqual(['postgres', 'prepare', 'secrets'])
  })

  test('every folder of ours that is a volume is made by the image, so that the volume is of the right user', () => {
    const made = /for volume in ([^;]+);/.exec(read('infra/images/Dockerfile'))?.[1]?.split(' ') ?? []
    const folders = containers.flatMap(([, container]) => mountsOf(container).map(({ folder }) => folder))
    const ours = [...new Set(folders.filter((folder) => folder.startsWith('/var/lib/weir/')))].map((folder) =>
      folder.slice('/var/lib/weir/'.length),
    )
    expect(ours.sort()).toEqual(made.sort())
  })
})

describe('ways in', () => {
  test('the gateway alone is published, and on loopback', () => {
    const published = containers.filter(([, { ports = [] }]) => ports.length > 0)
    expect(published.map(([name, { ports }]) => [name, ports])).toEqual([['gateway', ['127.0.0.1:8080:8080']]])
    expect(containerOf('gateway').environment?.['WEIR_GATEWAY_PORT']).toBe('8080')
  })

  test('the others are on a network without a way out, or on none', () => {
    expect(compose.networks['inside']).toEqual({ internal: true })
    for (const [name, { networks, network_mode: mode }] of containers) {
      if (name === 'gateway') continue
      expect({ name, on: networks ?? mode }).toEqual({
        name,
        on: mode === undefined ? ['inside'] : expect.stringMatching(/^(none|service:gateway)$/),
      })
    }
  })
})

describe('order', () => {
  test('each waits for what it needs to be healthy or to have ended well', () => {
    for (const [name, { depends_on: needs = {} }] of containers) {
      expect({ name, list: Array.isArray(needs) }).toEqual({ name, list: false })
      for (const [needed, { condition }] of Object.entries(needs)) {
        const { healthcheck, restart } = containerOf(needed)
        expect({ name, needed, condition, restart }).toMatchObject(
          healthcheck === undefined ? { condition: 'service_completed_successfully', restart: 'no' } : { condition: 'service_healthy' },
        )
      }
    }
  })

  test.each(names)('%s starts after the database, the broker and their preparation', (name) => {
    expect(Object.keys(containerOf(name).depends_on ?? {})).toEqual(expect.arrayContaining(['prepare', 'postgres', 'kafka']))
  })

  test('the gateway starts last', () => {
    expect(Object.keys(containerOf('gateway').depends_on ?? {})).toEqual(expect.arrayContaining(names.filter((name) => name !== 'gateway')))
  })
})
