import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withSettingsFile } from './settings-file.js'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'weir-settings-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

function fileOf(text: string): string {
  const file = join(dir, 'settings.json')
  writeFileSync(file, text, { mode: 0o600 })
  return file
}

test('without a file the environment is all there is', () => {
  expect(withSettingsFile({ WEIR_HOST: '127.0.0.1' })).toEqual({ WEIR_HOST: '127.0.0.1' })
})

test('the settings of the file join the environment', () => {
  const file = fileOf('{"WEIR_INTERNAL_TOKEN": "t", "WEIR_REPORTS_LEDGER_VKEY": "v"}')
  expect(withSettingsFile({ WEIR_HOST: '0.0.0.0', WEIR_SETTINGS_FILE: file })).toEqual({
    WEIR_HOST: '0.0.0.0',
    WEIR_SETTINGS_FILE: file,
    WEIR_INTERNAL_TOKEN: 't',
    WEIR_REPORTS_LEDGER_VKEY: 'v',
  })
})

test('a key given in both places is refused by name, never by value', () => {
  const env = { WEIR_INTERNAL_TOKEN: 'one-secret', WEIR_SETTINGS_FILE: fileOf('{"WEIR_INTERNAL_TOKEN": "other-secret"}') }
  expect(() => withSettingsFile(env)).toThrow(/WEIR_INTERNAL_TOKEN/)
  expect(() => withSettingsFile(env)).not.toThrow(/secret/)
})

test.each([
  ['no JSON', 'WEIR_INTERNAL_TOKEN=hidden'],
  ['no object', '["hidden"]'],
  ['a key of somebody else', '{"PATH": "hidden"}'],
  ['a value that is no text', '{"WEIR_PORT": 1}'],
])('a file with %s is refused, without a word of what it holds', (_, text) => {
  const env = { WEIR_SETTINGS_FILE: fileOf(text) }
  expect(() => withSettingsFile(env)).toThrow(/is not a JSON object/)
  expect(() => withSettingsFile(env)).not.toThrow(/hidden/)
})

test('a file that is not there is refused', () => {
  expect(() => withSettingsFile({ WEIR_SETTINGS_FILE: join(dir, 'absent.json') })).toThrow(/cannot be read \(ENOENT\)/)
})
