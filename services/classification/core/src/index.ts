export { classify, strongest, type Tables } from './classify.js'
export type { Interconnect, Placement, StatedAccelerators, WorkloadFacts } from './facts.js'
export { judgePart, ruleAt } from './item-controls.js'
export type { Condition, ControlRule, ControlTest, ItemControls, Measure } from './item-controls.js'
export type { Band, TrainingModel } from './training-model.js'
export type {
  LimitMargin,
  Paragraph,
  PartVerdict,
  Reason,
  RegionVerdict,
  RuleId,
  TrainingLevel,
  TrainingVerdict,
  Verdict,
} from './verdict.js'
