import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

interface Alert {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string }
}

const rules = parse(read('infra/monitoring/alerts.yml')) as { groups: { rules: Alert[] }[] }
const alerts = rules.groups.flatMap((group) => group.rules)
const dashboard = JSON.parse(read('infra/monitoring/dashboard.json')) as { panels: { title: string; targets: { expr: string }[] }[] }

/** Every metric that a service registers, by its name in the code. */
const registered = new Set(
  globSync('{libs,services}/**/src/**/*.ts', { cwd: root, exclude: ['**/node_modules/**', '**/*.spec.ts'] }).flatMap((path) =>
    [...read(path).matchAll(/name: '(weir_[a-z_]+)'/g)].map(([, name]) => name ?? ''),
  ),
)
const metricsIn = (expr: string): string[] =>
  [...expr.matchAll(/\bweir_[a-z_]+/g)].map(([name]) => name.replace(/_(bucket|count|sum)$/, ''))

describe('monitoring', () => {
  it('finds the metrics of the code', () => {
    expect([...registered]).toEqual(expect.arrayContaining(['weir_outbox_depth', 'weir_answers_total', 'weir_problems_total']))
  })

  it.each(alerts.map((alert) => [alert.alert, alert] as const))('%s looks at metrics that exist, and has a runbook', (name, alert) => {
    expect(metricsIn(alert.expr).filter((metric) => !registered.has(metric))).toEqual([])
    expect(['page', 'ticket']).toContain(alert.labels.severity)
    expect(alert.annotations.summary).not.toBe('')
    expect(read(`docs/runbooks/${name}.md`)).toMatch(new RegExp(`^# ${name}\\n`))
  })

  it('has no runbook without an alert', () => {
    const pages = readdirSync(join(root, 'docs/runbooks')).filter((file) => file !== 'README.md')
    expect(pages.filter((page) => !alerts.some(({ alert }) => `${alert}.md` === page))).toEqual([])
  })

  it.each(dashboard.panels.map(({ title, targets }) => [title, targets] as const))(
    'the panel "%s" shows metrics that exist',
    (_title, targets) => {
      const shown = targets.flatMap(({ expr }) => metricsIn(expr))
      expect(shown.length).toBeGreaterThan(0)
      expect(shown.filter((metric) => !registered.has(metric))).toEqual([])
    },
  )

  it('tells of every metric', () => {
    expect(existsSync(join(root, 'infra/monitoring/README.md'))).toBe(true)
    const table = read('infra/monitoring/README.md')
    expect([...registered].filter((metric) => !table.includes(`\`${metric}`))).toEqual([])
  })
})
