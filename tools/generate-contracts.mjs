/**
 * `npm run gen [-- --check]`: writes libs/contracts/published from the zod schemas, for readers who have no TypeScript:
 * JSON Schema per event, AsyncAPI 3.0 over the topics, OpenAPI 3.1 over the HTTP routes.
 * --check writes nothing and fails where the committed files differ.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import * as contracts from '@weir/contracts'
import { asyncApi } from './contracts/asyncapi.mjs'
import { eventSchemas } from './contracts/event-schemas.mjs'
import { openApi } from './contracts/openapi.mjs'
import { root } from './install.mjs'

const published = join(root, 'libs/contracts/published')

const wanted = new Map(
  [
    ...eventSchemas(contracts).map(({ type, schema }) => [`schemas/${type}.json`, schema]),
    ['asyncapi.json', asyncApi(contracts)],
    ['openapi.json', openApi(contracts, contracts.routes)],
  ].map(([file, value]) => [file, `${JSON.stringify(value, undefined, 2)}\n`]),
)

if (process.argv.includes('--check')) check()
else write()

function check() {
  const differing = [...wanted].filter(([file, text]) => read(file) !== text).map(([file]) => file)
  const problems = [...differing.map((file) => `differs: ${file}`), ...orphans().map((file) => `has no source: ${file}`)]
  for (const problem of problems) process.stdout.write(`${problem}\n`)
  process.stdout.write(
    problems.length === 0 ? `${wanted.size} published files are up to date\n` : 'run `npm run gen` and commit libs/contracts/published\n',
  )
  process.exitCode = problems.length === 0 ? 0 : 1
}

function write() {
  for (const file of orphans()) rmSync(join(published, file))
  const changed = [...wanted].filter(([file, text]) => read(file) !== text)
  for (const [file, text] of changed) {
    mkdirSync(dirname(join(published, file)), { recursive: true })
    writeFileSync(join(published, file), text)
    process.stdout.write(`wrote ${file}\n`)
  }
  process.stdout.write(`${wanted.size} published files, ${changed.length} changed\n`)
}

function read(file) {
  const path = join(published, file)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function orphans() {
  if (!existsSync(published)) return []
  return readdirSync(published, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(published, join(entry.parentPath, entry.name)))
    .filter((file) => file.endsWith('.json') && !wanted.has(file))
}
