import { Environment, EvaluationError, type ASTNode } from '@marcbachmann/cel-js'
import { factModel, type Facts, type FactType, type Truth } from '@weir/adjudication-core'
import { ok, refused, type Result } from '@weir/kernel'
import { PolicyFault } from './policy-fault.js'

export interface CompiledCondition {
  /** sorted; every fact that the condition reads */
  readonly paths: readonly string[]
  evaluate(facts: Facts): Truth
}

const areas: readonly (readonly [string, Readonly<Record<string, FactType>>])[] = Object.entries(factModel)

const environment = areas.reduce(
  (env, [area, fields]) => {
    const type = area.charAt(0).toUpperCase() + area.slice(1)
    return env.registerType(type, { fields: { ...fields } }).registerVariable(area, type)
  },
  new Environment({ unlistedVariablesAreDyn: false }),
)

/** None of these fails on a value of its type; whatever else CEL offers could, or looks into an area past its facts. */
const functions: ReadonlySet<string> = new Set(['size', 'startsWith', 'endsWith', 'contains', 'exists', 'all'])

/**
 * Compiles a CEL condition over the fact model. Refused is what does not type-check to bool, and whatever turns an unknown
 * fact into a known answer: has(), optional access, null, `?:`, access by index, and an area as a whole (`[who] == [who]`).
 */
export function compileCondition(source: string): Result<CompiledCondition, string> {
  try {
    const program = environment.parse(source)
    const banned = bannedIn(program.ast)
    if (banned !== undefined) return refused(banned)
    const check = program.check()
    if (!check.valid) return refused(check.error?.message.split('\n')[0] ?? 'does not type-check')
    if (check.type !== 'bool') return refused(`is of type ${check.type ?? 'unknown'}, not bool`)
    const paths = [...pathsIn(program.ast)].sort()
    if (paths.length === 0) return refused('reads no fact')
    return ok({ paths, evaluate: (facts) => truthOf(() => program(checkedFacts(facts)), source) })
    // eslint-disable-next-line no-restricted-syntax -- the library says that a condition does not parse by throwing only
  } catch (error) {
    return refused(error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error))
  }
}

function truthOf(run: () => unknown, source: string): Truth {
  try {
    const value = run()
    if (value === true) return 'true'
    if (value === false) return 'false'
    // eslint-disable-next-line no-restricted-syntax -- the library says that a fact is missing by throwing only
  } catch (cause) {
    if (cause instanceof EvaluationError && cause.code === 'no_such_key') return 'unknown'
    throw new PolicyFault({ code: 'condition-failed', message: `The condition ${source} failed.`, cause })
  }
  throw new PolicyFault({ code: 'condition-failed', message: `The condition ${source} did not answer with true or false.` })
}

/**
 * `&&` and `||` absorb every error, wrong types included; facts of the model's types leave missing ones as the only errors.
 */
const seen = new WeakSet<Facts>()
function checkedFacts(facts: Facts): Record<string, unknown> {
  if (seen.has(facts)) return { ...facts }
  for (const [area, fields] of areas) {
    const given = new Map<string, unknown>(Object.entries(new Map<string, object>(Object.entries(facts)).get(area) ?? {}))
    for (const [field, type] of Object.entries(fields)) {
      const value = given.get(field)
      if (value === undefined || hasType(value, type)) continue
      throw new PolicyFault({ code: 'facts-refused', message: `The fact ${area}.${field} is not of type ${type}.` })
    }
  }
  seen.add(facts)
  return { ...facts }
}

function hasType(value: unknown, type: FactType): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string'
    case 'bool':
      return typeof value === 'boolean'
    case 'double':
      return typeof value === 'number' && Number.isFinite(value)
    case 'list<string>':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
  }
}

function bannedIn(node: ASTNode): string | undefined {
  const own = bannedHere(node)
  if (own !== undefined) return own
  if (factOf(node) !== undefined) return undefined
  for (const child of childrenOf(node.args)) {
    const found = bannedIn(child)
    if (found !== undefined) return found
  }
  return undefined
}

function bannedHere(node: ASTNode): string | undefined {
  if (node.op === 'call' && node.args[0] === 'has') return 'uses has(), which turns an unknown fact into false'
  if (node.op === '.?' || node.op === '[?]') return 'uses optional access, which turns an unknown fact into a known answer'
  if (node.op === 'value' && node.args === null) return 'compares with null; an unknown fact is absent, never null'
  if (node.op === '?:') return 'uses ?:, which hides an unknown fact'
  if (node.op === '[]') return 'uses access by index; name the fact'
  if (node.op === 'id' && isArea(node.args)) return `uses ${node.args} as a whole; name the fact`
  const called = node.op === 'call' || node.op === 'rcall' ? node.args[0] : undefined
  if (called !== undefined && !functions.has(called)) return `calls ${called}(); conditions may call ${[...functions].join(', ')}`
  return undefined
}

function pathsIn(node: ASTNode): Set<string> {
  const fact = factOf(node)
  if (fact !== undefined) return new Set([fact])
  return new Set(childrenOf(node.args).flatMap((child) => [...pathsIn(child)]))
}

const isArea = (name: string): boolean => areas.some(([area]) => area === name)

/** The path, where the node reads a fact of an area. */
function factOf(node: ASTNode): string | undefined {
  if (node.op !== '.') return undefined
  const [owner, field] = node.args
  return owner.op === 'id' && isArea(owner.args) ? `${owner.args}.${field}` : undefined
}

/** Arguments are nodes, plain values, or lists of either. */
function childrenOf(args: unknown): readonly ASTNode[] {
  if (Array.isArray(args)) return args.flatMap((item: unknown) => childrenOf(item))
  return isNode(args) ? [args] : []
}

const isNode = (value: unknown): value is ASTNode =>
  typeof value === 'object' && value !== null && 'op' in value && typeof value.op === 'string' && 'args' in value
