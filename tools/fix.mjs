/** `npm run fix`: what the formatter and the linter can put right by themselves. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './install.mjs'

const commands = [
  ['node_modules/eslint/bin/eslint.js', '--fix', '.'],
  ['node_modules/prettier/bin/prettier.cjs', '--write', '--log-level=warn', '.'],
]
for (const [script, ...words] of commands) {
  const { status } = spawnSync(process.execPath, [join(root, script), ...words], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
