export { assess, screenedParties, type Assessment, type AssessmentFacts, type KnownSubject, type SubjectFacts } from './assess.js'
export { listedOwnershipPercent } from './listed-ownership.js'
export { normalizeName } from './normalize-name.js'
export {
  buildOwnershipGraph,
  maxOwners,
  maxOwnershipDepth,
  type CustomerDeclaration,
  type DeclarationProblem,
  type DeclaredParty,
  type OwnershipGraph,
  type Party,
  type Stake,
} from './ownership-graph.js'
export type { RedFlag } from './red-flags.js'
export { screen, screeningKeys, type IndexedEntry, type ListHit, type ScreenedParty, type ScreeningIndex } from './screen.js'
export { readListRow, screeningListColumns, type ListEntry, type ListRowProblem } from './screening-list.js'
export { walkOwnership, type WalkedOwner, type WalkedOwnership } from './walk-ownership.js'
