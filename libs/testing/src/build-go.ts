import { spawnSync } from 'node:child_process'

/**
 * Compiles a Go program of this repository. Answers why there is none where Go or its packages are lacking, to be
 * reported as skipped; code that does not compile is an error.
 */
export function buildGo(source: string, program: string): string | undefined {
  if (spawnSync('go', ['version']).status !== 0) return 'Go is not installed'
  if (spawnSync('go', ['mod', 'download'], { cwd: source }).status !== 0) return 'Go cannot fetch golang.org/x/mod'
  const build = spawnSync('go', ['build', '-buildvcs=false', '-o', program, '.'], { cwd: source, encoding: 'utf8' })
  if (build.status !== 0) throw new Error(build.stderr)
  return undefined
}
