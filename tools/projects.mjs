import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './install.mjs'

/** Folders of all projects, relative to the root: the patterns of `workspaces`, where `*` stands for one folder name. */
export function projectFolders() {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return workspaces.flatMap(expand).sort()
}

function expand(pattern) {
  const folders = pattern.split('/').reduce(
    (found, part) =>
      found.flatMap((folder) => {
        if (part !== '*') return [join(folder, part)]
        if (!existsSync(join(root, folder))) return []
        return readdirSync(join(root, folder), { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map((entry) => join(folder, entry.name))
      }),
    [''],
  )
  return folders.filter((folder) => existsSync(join(root, folder, 'package.json')))
}
