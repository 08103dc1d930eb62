import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

export const root = join(import.meta.dirname, '../..')
const settings = ['eslint.config.mjs', '.dependency-cruiser.cjs', '.prettierrc.json', '.prettierignore', 'nx.json']

/**
 * A repository in miniature: our settings over the proofs' files. The proofs lie where their violation would lie, so the
 * settings apply to them by path as they do to the real tree.
 */
export function proofWorkspace(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'weir-proofs-')))
  for (const name of [...settings, ...readdirSync(root).filter((file) => /^tsconfig.*\.json$/.test(file))]) {
    cpSync(join(root, name), join(folder, name))
  }
  mkdirSync(join(folder, 'tools'))
  for (const name of ['walls.mjs', 'install.mjs', 'projects.mjs', 'declared-packages.mjs', 'lint-rules'])
    cpSync(join(root, 'tools', name), join(folder, 'tools', name), { recursive: true })
  cpSync(join(import.meta.dirname, 'proofs'), folder, { recursive: true })
  linkPackages(folder)
  return folder
}

/** All packages as they are installed, except ours: those are the miniature's own. */
function linkPackages(folder: string): void {
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '@weir'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@weir') symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  for (const file of filesOf(folder).filter((name) => basename(name) === 'package.json')) {
    const { name } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { name?: string }
    if (name !== undefined) symlinkSync(join(folder, dirname(file)), join(modules, name))
  }
}

/** Relative to the folder; what is installed is not part of it. */
export function filesOf(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name)
    if (entry.name === 'node_modules') return []
    return entry.isDirectory() ? filesOf(folder, path) : [path]
  })
}
