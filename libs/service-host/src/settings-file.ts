import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ConfigFault, type Environment } from './service-config.js'

const settings = z.record(z.string().regex(/^WEIR_[A-Z0-9_]+$/, 'is not the name of a setting'), z.string())

/**
 * The environment and, where WEIR_SETTINGS_FILE names one, the settings of that file: a JSON object of key and text.
 * What stands in a file of mode 0600 shows neither in a list of processes nor in the description of a container, so
 * secrets belong there. A key given in both places is refused: whoever changes one of them must not be ignored.
 */
export function withSettingsFile(env: Environment): Environment {
  const file = env['WEIR_SETTINGS_FILE']
  if (file === undefined) return env
  const given = readSettings(file)
  const twice = Object.keys(given).filter((key) => env[key] !== undefined)
  if (twice.length > 0) throw new ConfigFault(`Set in the environment and in ${file}: ${twice.join(', ')}. Remove one of the two.`)
  return { ...env, ...given }
}

/** No message quotes what stands in the file. */
function readSettings(file: string): Readonly<Record<string, string>> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'an unknown error'
    throw new ConfigFault(`WEIR_SETTINGS_FILE cannot be read (${code}): ${file}`)
  }
  const parsed = settings.safeParse(jsonOf(text))
  if (!parsed.success) throw new ConfigFault(`WEIR_SETTINGS_FILE is not a JSON object of WEIR_… keys and texts: ${file}`)
  return parsed.data
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
