import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'

/** `<check>/<rule>`, with the start of the message in quotes where one rule refuses many things. */
export interface Finding {
  readonly file: string
  readonly rule: string
  readonly message: string
}

interface NxSettings {
  readonly targetDefaults: Readonly<Record<string, { readonly options?: { readonly command: string } }>>
}

/** Runs the command that `npm run check` runs for this target, plus what makes its output readable for a program. */
function runTarget(folder: string, target: string, more = ''): Promise<string> {
  const settings = JSON.parse(readFileSync(join(folder, 'nx.json'), 'utf8')) as NxSettings
  const command = settings.targetDefaults[target]?.options?.command
  if (command === undefined) throw new Error(`nx.json has no target ${target}`)
  const path = [dirname(process.execPath), join(folder, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter)
  const env = { PATH: path, HOME: process.env['HOME'] ?? '/' }
  return new Promise((done) => {
    execFile('sh', ['-c', `${command} ${more}`], { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) =>
      done(stdout || stderr),
    )
  })
}

export async function lintFindings(folder: string): Promise<Finding[]> {
  const files = JSON.parse(await runTarget(folder, 'lint', '--format json')) as {
    filePath: string
    messages: { ruleId: string | null; message: string }[]
  }[]
  return files.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, message }) => ({
      file: relative(folder, filePath),
      rule: `lint/${ruleId ?? (message.startsWith('Unused eslint-disable') ? 'reportUnusedDisableDirectives' : 'fatal')}`,
      message,
    })),
  )
}

export async function wallFindings(folder: string): Promise<Finding[]> {
  const report = JSON.parse(await runTarget(folder, 'walls', '--output-type json')) as {
    summary: { violations: { from: string; to: string; rule: { name: string } }[] }
  }
  return report.summary.violations.map(({ from, to, rule }) => ({ file: from, rule: `walls/${rule.name}`, message: to }))
}

export async function packageFindings(folder: string): Promise<Finding[]> {
  const findings = JSON.parse(await runTarget(folder, 'packages', '--json')) as Finding[]
  return findings.map((finding) => ({ ...finding, rule: `packages/${finding.rule}` }))
}

export async function compilerFindings(folder: string, target: 'core-wall' | 'types'): Promise<Finding[]> {
  const lines = (await runTarget(folder, target, '--pretty false')).split('\n')
  return lines.flatMap((line) => {
    const [, file, code, message] = /^([^(]+)\(\d+,\d+\): error (TS\d+): (.*)$/.exec(line) ?? []
    return file !== undefined && code !== undefined && message !== undefined ? [{ file, rule: `${target}/${code}`, message }] : []
  })
}

export async function formatFindings(folder: string): Promise<Finding[]> {
  const lines = (await runTarget(folder, 'format')).split('\n')
  return lines.flatMap((line) => {
    const file = /\[warn\] (\S+\.\w+)$/.exec(line)?.[1]
    return file === undefined ? [] : [{ file, rule: 'format/unformatted', message: line }]
  })
}
