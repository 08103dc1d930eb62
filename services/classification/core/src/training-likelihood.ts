import { accelerator } from '@weir/catalog'
import type { Catalog } from '@weir/catalog'
import type { WorkloadFacts } from './facts.js'
import type { ResolvedAsk } from './resolve-ask.js'
import type { Band, TrainingModel } from './training-model.js'
import type { Reason, TrainingLevel, TrainingVerdict } from './verdict.js'

interface Cue extends Reason {
  readonly points: number
  /** of the machines: scale, network, time */
  readonly shape: boolean
  /** a tool or job kind that exists for training */
  readonly training: boolean
}

interface Scored {
  readonly facts: WorkloadFacts
  readonly ask: ResolvedAsk
  readonly catalog: Catalog
  readonly model: TrainingModel
}

/** How likely the ask is for training a model, from the order alone. */
export function trainingLikelihood(scored: Scored): TrainingVerdict {
  const { facts, ask, model } = scored
  const declared = facts.declared === undefined ? {} : { declared: facts.declared }
  if (ask.resolution === 'none') {
    return {
      level: 'none',
      likelihood: 0,
      ...declared,
      contradictsDeclared: false,
      reasons: [reason('no-accelerators', 'No machine of the ask has an accelerator.')],
    }
  }
  const cues = [...scaleCues(scored), ...networkCues(scored), ...durationCues(scored), ...hintCues(scored), ...declaredCues(scored)]
  const points = Math.min(100, sum(cues))
  const level = levelOf({ points, ask, model })
  const against = contradiction(scored, cues)
  const reasons = [...cues, ...(against ? [against] : []), ...(ask.resolution === 'unknown' ? [UNRESOLVED] : [])]
  return {
    level,
    ...(level === 'unknown' ? {} : { likelihood: points / 100 }),
    ...declared,
    contradictsDeclared: against !== undefined,
    reasons: reasons.map(({ code, sentence }) => ({ code, sentence })).slice(0, 32),
  }
}

const UNRESOLVED = reason('unresolved', 'Some machines of the ask are not resolved, so its scale may be larger.')

function levelOf({ points, ask, model }: { points: number; ask: ResolvedAsk; model: TrainingModel }): TrainingLevel {
  if (points >= model.levels.high) return 'high'
  if (ask.resolution === 'unknown') return 'unknown'
  return points >= model.levels.elevated ? 'elevated' : 'low'
}

function scaleCues({ ask, catalog, model }: Scored): Cue[] {
  const { accelerators, nodes, strongPart } = model.cues
  const pieces = ask.parts.reduce((total, part) => total + part.count, 0)
  const strongest = [...ask.parts.map((part) => part.model), ...ask.uncounted]
    .map((id) => accelerator(catalog, id))
    .reduce((highest, part) => Math.max(highest, part?.tpp ?? 0), 0)
  return [
    shape('accelerators', banded(accelerators.bands, pieces), `The ask holds ${pieces} accelerators.`),
    shape('nodes', banded(nodes.bands, ask.nodes), `The ask spans ${ask.nodes} machines.`),
    shape('strong-part', strongest >= strongPart.fromTpp ? strongPart.points : 0, `Its strongest part has TPP ${strongest}.`),
  ].filter(counts)
}

function networkCues({ facts, ask, model }: Scored): Cue[] {
  const { interconnect, gbpsPerNode, placement } = model.cues
  if (ask.nodes < interconnect.fromNodes) return []
  const network =
    facts.interconnect === undefined
      ? shape('interconnect-not-stated', interconnect.absent, 'The network between the machines is not stated.')
      : shape('interconnect', interconnect.points[facts.interconnect], `The machines are joined by ${facts.interconnect}.`)
  const rate = facts.gbpsPerNode ?? 0
  const placed = facts.placement
  return [
    network,
    shape('network-rate', banded(gbpsPerNode.bands, rate), `Each machine has ${rate} Gbit/s of network.`),
    ...(placed === undefined ? [] : [shape('placement', placement.points[placed], `The placement is ${placed}.`)]),
  ].filter(counts)
}

function durationCues({ facts, model }: Scored): Cue[] {
  const { bands, absent } = model.cues.durationHours
  const hours = facts.durationHours
  const cue =
    hours === undefined
      ? shape('end-not-stated', absent, 'No end is stated, so the ask can run for weeks.')
      : shape('duration', banded(bands, hours), `The ask runs for ${Math.round(hours)} hours.`)
  return [cue].filter(counts)
}

function hintCues({ facts, model }: Scored): Cue[] {
  const hints = (facts.hints ?? []).map((hint) => hint.toLowerCase())
  return model.cues.hints.flatMap(({ code, words, points, training }) => {
    const hint = hints.find((text) => words.some((word) => text.includes(word)))
    return hint === undefined ? [] : [{ code, points, training, shape: false, sentence: `The workload shows "${hint}".` }]
  })
}

function declaredCues({ facts, model }: Scored): Cue[] {
  const points = facts.declared === undefined ? 0 : (model.cues.declared[facts.declared] ?? 0)
  return points === 0
    ? []
    : [{ code: 'declared', points, shape: false, training: false, sentence: `The declared purpose is ${facts.declared}.` }]
}

/** Only what is stated counts here: the points of absent cues would accuse a customer of silence. */
function contradiction({ facts, model }: Scored, cues: readonly Cue[]): Reason | undefined {
  const declared = facts.declared
  if (declared === undefined) return undefined
  const limit = model.contradiction[declared]
  if (limit === undefined) return undefined
  const tool = cues.find((cue) => cue.training)
  if (tool) return reason('contradicts-declared', `Declared ${declared}, but: ${tool.sentence}`)
  const points = sum(cues.filter((cue) => cue.shape && !cue.code.endsWith('-not-stated')))
  if (points < limit) return undefined
  return reason(
    'contradicts-declared',
    `Declared ${declared}, but scale, network and time of the ask are those of training (${points} points).`,
  )
}

function banded(bands: readonly Band[], value: number): number {
  return bands.reduce((points, band) => (value >= band.from ? Math.max(points, band.points) : points), 0)
}

const sum = (cues: readonly Cue[]): number => cues.reduce((points, cue) => points + cue.points, 0)
const counts = (cue: Cue): boolean => cue.points > 0

function reason(code: string, sentence: string): Reason {
  return { code, sentence: sentence.slice(0, 500) }
}

const shape = (code: string, points: number, sentence: string): Cue => ({ code, points, sentence, shape: true, training: false })
