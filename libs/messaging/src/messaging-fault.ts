import { Fault } from '@weir/kernel'

export type MessagingFaultCode =
  | 'fenced'
  | 'unreadable-message'
  | 'topic-mismatch'
  | 'broker-unreachable'
  | 'not-allowed'
  | 'message-too-large'
  /** the log no longer holds what comes next */
  | 'log-gap'
  | 'handler-stuck'

export class MessagingFault extends Fault<MessagingFaultCode> {}
