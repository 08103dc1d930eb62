import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { root } from '../install.mjs'

/** JSON Schema 2020-12 of what is on the wire. Members that a reader does not know are allowed: a version may gain optional ones. */
export function eventSchemas({ catalog }) {
  return Object.entries(catalog).map(([type, { schema }]) => {
    const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' })
    return { type, schema: { $schema, $id: `urn:weir:schema:${type}`, title: type, description: meaningOf(type), ...rest } }
  })
}

/** "When …; a consumer may conclude …", from the comment in the event's own file. */
export function meaningOf(type) {
  const [, event, version] = /^weir\.(.+)\.(v\d+)$/.exec(type) ?? []
  const name = `${event.replaceAll('.', '-')}.${version}.ts`
  const file = ['gateway', 'identity', 'classification', 'adjudication', 'ledger', 'reports']
    .map((owner) => join(root, 'libs/contracts/src', owner, name))
    .find((path) => existsSync(path))
  if (file === undefined) throw new Error(`no file ${name} holds the contract of ${type}`)
  const comment = /\/\*\*\s*\n((?: \*.*\n)*? \* When: (?:.*\n)*?) \*\//.exec(readFileSync(file, 'utf8'))
  if (comment === null) throw new Error(`${name} does not say when ${type} happens`)
  const text = comment[1]
    .split('\n')
    .map((line) => line.replace(/^ \* ?/, '').trim())
    .filter((line) => line !== '')
    .join(' ')
  return text.slice(text.indexOf('When: '))
}
