import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startWeir, type WeirProcess } from './weir-process.js'

const root = fileURLToPath(new URL('../', import.meta.url))
const folder = `${root}docs/runbooks/`
const page = (name: string): string => readFileSync(folder + name, 'utf8')

const preparation = /^```sh\n(.*?)^```$/ms.exec(page('README.md'))?.[1] ?? ''
/** What a page leaves open, for this installation. */
const filled = { '<service>': 'ledger', '<key>': 'nobody', '<topic>': 'weir.decisions', '<partition>': '0' }
const commands = readdirSync(folder)
  .filter((name) => name !== 'README.md')
  .flatMap((name) =>
    [...page(name).matchAll(/`((?:curl|weir|metrics|logs|for) [^`]+)`/g)].map(([, command = '']) => [name, command] as const),
  )

let weir: WeirProcess
beforeAll(async () => {
  weir = await startWeir({ script: 'services/embedded/dist/main.js', arguments: ['--no-demo'] })
}, 240_000)
afterAll(() => weir?.remove(), 60_000)

function typed(command: string): Promise<{ readonly out: string; readonly err: string }> {
  const { NODE_OPTIONS: _, ...env } = process.env
  const script = `${preparation}\n${Object.entries(filled).reduce((text, [open, value]) => text.replaceAll(open, value), command)}`
  return new Promise((done) => {
    execFile('bash', ['-uc', script], { cwd: root, env: { ...env, WEIR_HOME: weir.home } }, (_error, out, err) => done({ out, err }))
  })
}

describe('the commands of the runbooks', () => {
  it('are found', () => {
    expect(preparation).toContain('TOKEN=')
    expect(commands.length).toBeGreaterThan(15)
  })

  it.each(commands)(
    '%s: %s',
    async (_name, command) => {
      const { out, err } = await typed(command)

      expect(err).toBe('')
      if (/^(curl|weir)/.test(command)) expect(out).not.toBe('')
      expect(out).not.toMatch(/"code":"(not-found|internal-only|key-missing|internal)"/)
    },
    60_000,
  )
})
