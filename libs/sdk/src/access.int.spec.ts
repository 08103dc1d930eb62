import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accessOf, readRunFile, type AccessOptions, type Environment } from './access.js'
import { UsageError } from './usage-error.js'

const local = 'http://127.0.0.1:8080'
const elsewhere = 'https://weir.example.com'
const home = mkdtempSync(join(tmpdir(), 'weir-access-'))
const nowhere = join(home, 'nothing-here')
beforeAll(() => {
  const run = { url: local, apiKey: 'local-platform', officerKeys: ['local-officer', 'second'], ledger: { vkey: 'v' }, pid: 1 }
  writeFileSync(join(home, 'run.json'), JSON.stringify(run))
})
afterAll(() => rmSync(home, { recursive: true }))

const access = (options: AccessOptions, env: Environment = {}, as: 'platform' | 'officer' = 'platform') =>
  accessOf(options, { env: { WEIR_HOME: home, ...env }, as })

describe('the installation on this machine', () => {
  it('is used where nothing is given, with the key that the command needs', () => {
    expect(access({})).toEqual({ url: local, apiKey: 'local-platform' })
    expect(access({}, {}, 'officer')).toEqual({ url: local, apiKey: 'local-officer' })
    expect(access({ apiKey: 'mine' })).toEqual({ url: local, apiKey: 'mine' })
    expect(access({}, { WEIR_API_KEY: 'from-env' }, 'officer')).toEqual({ url: local, apiKey: 'from-env' })
  })

  it('is the same place with a slash at the end', () => {
    expect(access({ url: `${local}/` })).toEqual({ url: `${local}/`, apiKey: 'local-platform' })
  })

  it('that is not there is not running; one that cannot be read is named', () => {
    expect(() => access({}, { WEIR_HOME: nowhere })).toThrow(expect.objectContaining({ code: 'not-running', status: 0 }))
    expect(readRunFile({ WEIR_HOME: nowhere })).toBeUndefined()

    const broken = mkdtempSync(join(home, 'broken-'))
    writeFileSync(join(broken, 'run.json'), '{"url":')
    expect(() => access({}, { WEIR_HOME: broken })).toThrow(`${join(broken, 'run.json')} does not tell where Weir runs`)
  })
})

describe('a key', () => {
  it.each([
    ['another host', elsewhere],
    ['another port', 'http://127.0.0.1:8081'],
    ['a host that begins like it', `${local}.example.com`],
    ['a user in the URL', 'http://127.0.0.1:8080@example.com'],
    ['a path below', `${local}/proxy`],
  ])('of the local installation is never sent to %s', (_name, url) => {
    expect(() => access({ url })).toThrow(UsageError)
    expect(() => access({ url }, {}, 'officer')).toThrow(UsageError)
    expect(() => access({}, { WEIR_URL: url })).toThrow(UsageError)
  })

  it('of WEIR_API_KEY goes to WEIR_URL and not to another --url', () => {
    const env = { WEIR_URL: elsewhere, WEIR_API_KEY: 'elsewhere-key' }
    expect(access({}, env)).toEqual({ url: elsewhere, apiKey: 'elsewhere-key' })
    expect(access({ url: `${elsewhere}/` }, env).apiKey).toBe('elsewhere-key')
    expect(() => access({ url: 'https://other.example.com' }, env)).toThrow(UsageError)
    expect(access({ url: local }, env)).toEqual({ url: local, apiKey: 'local-platform' })
    expect(access({ url: elsewhere }, { WEIR_API_KEY: 'alone' })).toEqual({ url: elsewhere, apiKey: 'alone' })
  })

  it('that is given goes where it is told to, also where nothing runs', () => {
    expect(access({ url: elsewhere, apiKey: 'mine' }, { WEIR_HOME: nowhere })).toEqual({ url: elsewhere, apiKey: 'mine' })
    expect(access({ apiKey: 'mine' }, { WEIR_URL: elsewhere, WEIR_API_KEY: 'other' })).toEqual({ url: elsewhere, apiKey: 'mine' })
  })
})

it.each(['weir.example.com', 'ftp://weir.example.com', 'http://', 'file:///etc/passwd'])('%s is no place to ask', (url) => {
  expect(() => access({ url, apiKey: 'mine' })).toThrow(UsageError)
})
