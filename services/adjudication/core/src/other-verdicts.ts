import type { Verdict } from './decide.js'

/** Held because the time is up and an assessment has not come. */
export function lateVerdict(missing: readonly ('identity' | 'classification')[]): Verdict {
  const areas = missing.flatMap((part) => (part === 'identity' ? ['who'] : ['what', 'where']))
  return {
    outcome: 'hold',
    reasons: [
      {
        code: 'assessment-late',
        sentence: `The deadline passed without the answer of ${missing.join(' and ')}.`,
        missing: areas,
      },
    ],
    findings: [],
    ifShipped: { outcome: 'hold', findings: [] },
    shadow: {},
  }
}

/**
 * What two officers made of a held request; the findings stay as they are. A verdict that is not hold is returned as it is:
 * officers answer open questions, they do not lift a denial.
 */
export function officersVerdict(held: Verdict, outcome: 'approve' | 'deny'): Verdict {
  if (held.outcome !== 'hold') return held
  const verb = outcome === 'approve' ? 'approved' : 'denied'
  const { licenseDraw, ...rest } = held
  return {
    ...rest,
    outcome,
    reasons: [
      { code: `officers-${verb}`, sentence: `Two officers looked at the held request and ${verb} it.` },
      ...held.reasons.slice(0, 99),
    ],
    ...(outcome === 'approve' && licenseDraw ? { licenseDraw } : {}),
  }
}
