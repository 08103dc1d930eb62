import type { AskState, Pins } from './ports.js'

/** Digests of everything that the decision rests on. */
export function pinsOf(
  { identity, workload }: AskState,
  by: { readonly packs: Readonly<Record<string, string>>; readonly digestOf: (value: unknown) => string },
): Pins {
  return {
    packs: by.packs,
    ...(identity ? { lists: identity.pins.lists, ownership: identity.pins.ownership, identityAssessment: by.digestOf(identity) } : {}),
    ...(workload ? { catalog: workload.pins.catalog, workloadVerdict: by.digestOf(workload) } : {}),
  }
}
