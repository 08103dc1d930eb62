/** `npm run check`: format, lint, walls, packages and types, through Nx, which runs them side by side and repeats only what changed. */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { root } from './install.mjs'

const targets = ['format', 'lint', 'walls', 'packages', 'core-wall', 'types']
const result = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/nx/dist/bin/nx.js'),
    'run-many',
    '-p',
    'weir',
    '-t',
    ...targets,
    '--nxBail=false',
    '--outputStyle=stream-without-prefixes',
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      NX_DAEMON: 'false',
      NX_TUI: 'false',
      // the pinned Node first, so that the tools run on it whatever the machine has
      PATH: [dirname(process.execPath), join(root, 'node_modules/.bin'), process.env.PATH ?? ''].join(':'),
    },
  },
)
process.exitCode = result.status ?? 1
