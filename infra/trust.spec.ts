import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalog, outside, serviceNames } from '@weir/contracts'

const trust = readFileSync(join(import.meta.dirname, '../docs/trust.md'), 'utf8')
const rows = [...trust.matchAll(/^\| `([^`]+)` +\| ([^|]+?) +\|/gm)].map(([, name = '', writer = '']) => [name, writer] as const)

describe('docs/trust.md', () => {
  it('names every topic with the service that writes it', () => {
    const written = new Map(Object.values(catalog).map(({ topic, owner }) => [topic, owner] as const))
    expect(serviceNames).toEqual(expect.arrayContaining([...written.values()]))
    const told = rows.filter(([name]) => name.startsWith('weir.') && name !== outside.writes)
    expect(new Map(told)).toEqual(written)
    expect(rows.map(([name]) => name)).toEqual(expect.arrayContaining([outside.writes, '<topic>.parked']))
  })
})
