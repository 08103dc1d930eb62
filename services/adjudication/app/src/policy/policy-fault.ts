import { Fault } from '@weir/kernel'

export type PolicyFaultCode = 'pack-refused' | 'country-groups-refused' | 'condition-failed' | 'facts-refused'

/** Policy that must not be used, or a condition that broke while it was evaluated. */
export class PolicyFault extends Fault<PolicyFaultCode> {}
