export { countryGroups, type CountryGroupRow, type CountryGroups } from './country-groups.js'
export { decide, type DecideInput, type PackVerdict, type Verdict } from './decide.js'
export { asIfShipped, deriveFacts, type StatedFacts } from './derive-facts.js'
export { factModel, isKnown, missingOf, type ClassifiedPart, type Facts, type FactType } from './facts.js'
export { licenseFor, type License, type LicenseDraw } from './license.js'
export { lateVerdict, officersVerdict } from './other-verdicts.js'
export type {
  CompiledPack,
  CompiledRule,
  Effect,
  Finding,
  Layer,
  LegalStatus,
  Outcome,
  Reason,
  Truth,
  Validity,
} from './rule.js'
