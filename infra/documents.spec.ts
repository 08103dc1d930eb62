import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
const documents = globSync('**/*.md', { cwd: root, exclude: ['**/node_modules/**', '**/dist/**', '.weir/**'] }).sort()

describe('documents', () => {
  it.each(documents)('%s names only commands that exist', (path) => {
    const text = readFileSync(join(root, path), 'utf8')
    const named = [...text.matchAll(/\bnpm run (?:-s |--silent )?([a-z][a-z:-]*)/g)].map(([, name = '']) => name)
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })

  it('CONTRIBUTING.md names only files that exist', () => {
    const named = [
      ...readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').matchAll(/`((?:services|libs|policy|infra|tools|docs)\/[^`<…: ]+)`/g),
    ]
    expect(named.length).toBeGreaterThan(10)
    expect(named.map(([, path = '']) => path).filter((path) => globSync(path, { cwd: root }).length === 0)).toEqual([])
  })
})
