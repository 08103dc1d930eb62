/** Cruises every folder that exists against the walls of .dependency-cruiser.cjs. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './install.mjs'

const folders = ['libs', 'services', 'demo', 'e2e', 'bench', 'infra', 'tools'].filter((folder) => existsSync(join(root, folder)))
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
const { status } = spawnSync(process.execPath, [cruiser, '--config', '.dependency-cruiser.cjs', ...process.argv.slice(2), ...folders], {
  cwd: root,
  stdio: 'inherit',
})
process.exitCode = status ?? 1
