import { officersVerdict, type License } from '@weir/adjudication-core'
import type { Transaction } from '@weir/persistence'
import { caseTarget } from './case-plan.js'
import { LicenseBook } from './license-book.js'
import { machineVerdict } from './machine-verdict.js'
import { MoveCases, type MovedCases } from './move-cases.js'
import { pinsOf } from './pins-of.js'
import type { Cause, Change, NewDecision, RequestState } from './ports.js'
import type { DecideDeps, DecideOn, Settled } from './settled.js'

/** Decides the newest asks of locked requests; a decision that would say the same as the current one is not made. */
export class DecideRequests {
  readonly #deps: DecideDeps
  readonly #moveCases: MoveCases

  constructor(deps: DecideDeps) {
    this.#deps = deps
    this.#moveCases = new MoveCases(deps)
  }

  /** Contract: this transaction has locked the requests. */
  async run(tx: Transaction, requestIds: readonly string[], on: DecideOn): Promise<readonly Change[]> {
    const states = await this.#deps.requests.load(tx, requestIds, on.now)
    const book = new LicenseBook(await this.#lockLicenses(tx, states), this.#deps.newId)
    const settled = states.flatMap((state) => this.#settle(state, book, on))
    if (settled.length === 0) return []
    await this.#deps.licenses.save(tx, book.moves, on.now)
    const moved = await this.#moveCases.run(tx, settled, on)
    const decisions = settled.map((one) => this.#decisionOf(one, moved.caseOf.get(one.state.requestId)))
    await this.#deps.requests.saveDecisions(tx, decisions, on.now)
    return changesOf(settled, { decisions, moved, causes: on.causes })
  }

  /** For whoever locks cases before `run`: licenses come first. Contract: this transaction has locked the requests. */
  async lockLicenses(tx: Transaction, requestIds: readonly string[], now: Date): Promise<void> {
    await this.#lockLicenses(tx, await this.#deps.requests.load(tx, requestIds, now))
  }

  #lockLicenses(tx: Transaction, states: readonly RequestState[]): Promise<readonly License[]> {
    const customerIds = [...new Set(states.flatMap((state) => customerOf(state) ?? []))]
    const licenseIds = [...new Set(states.flatMap((state) => state.reservations.map((held) => held.licenseId)))]
    return this.#deps.licenses.lock(tx, { customerIds, licenseIds })
  }

  #settle(state: RequestState, book: LicenseBook, on: DecideOn): readonly Settled[] {
    const { policy, digestOf } = this.#deps
    const machine = machineVerdict(state, {
      policy,
      licenses: book.licenses,
      now: on.now,
      overdueToo: on.overdueToo ?? false,
      endedToo: on.answer !== undefined,
    })
    if (!machine) return []
    const { outcome, reasons, findings } = machine.verdict
    const machineDigest = digestOf({ ask: machine.ask.ask, outcome, reasons, findings })
    const answer = outcome === 'hold' ? on.answer : undefined
    if (answer === undefined && state.current?.machineDigest === machineDigest) return []
    const final = answer ? officersVerdict(machine.verdict, answer.outcome) : machine.verdict
    const { moves, drawn } = book.settle(state, final.outcome === 'approve' ? final.licenseDraw : undefined)
    const target = caseTarget({ ...machine, verdict: final })
    return [{ ...machine, state, machineDigest, final, target, people: answer?.people ?? {}, moves, ...(drawn ? { drawn } : {}) }]
  }

  #decisionOf(one: Settled, caseId: string | undefined): NewDecision {
    return {
      requestId: one.state.requestId,
      revision: (one.state.current?.revision ?? 0) + 1,
      ask: one.ask,
      late: one.late,
      machineDigest: one.machineDigest,
      verdict: one.final,
      people: one.people,
      pins: pinsOf(one.ask, { packs: this.#deps.policy.digests, digestOf: this.#deps.digestOf }),
      ...(caseId === undefined ? {} : { caseId }),
      ...(one.drawn ? { drawn: one.drawn } : {}),
    }
  }
}

function customerOf({ newest }: RequestState): string | undefined {
  const subject = newest?.identity?.subject
  return subject?.state === 'known' ? subject.customerId : undefined
}

interface Made {
  readonly decisions: readonly NewDecision[]
  readonly moved: MovedCases
  readonly causes: ReadonlyMap<string, Cause> | undefined
}

/** Request by request: balances, the decision, then the case that it opened or ended. */
function changesOf(settled: readonly Settled[], { decisions, moved, causes }: Made): readonly Change[] {
  return settled.flatMap((one, index) => {
    const { requestId } = one.state
    const told = { key: one.ask.key, cause: causes?.get(requestId) ?? one.ask.cause }
    const decision = decisions[index]
    if (!decision) return []
    const opened = moved.opened.get(requestId)
    const resolved = moved.resolved.get(requestId)
    return [
      ...one.moves.map((move) => ({ ...told, kind: 'license-moved' as const, move })),
      { ...told, kind: 'decided' as const, decision },
      ...(opened ? [{ ...told, kind: 'case-opened' as const, opened }] : []),
      ...(resolved ? [{ key: resolved.eventKey, cause: told.cause, kind: 'case-resolved' as const, ...resolved.change }] : []),
    ]
  })
}
