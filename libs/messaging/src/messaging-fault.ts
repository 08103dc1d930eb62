import { Fault } from '@weir/kernel'

export class MessagingFault extends Fault<'fenced' | 'unreadable-message' | 'topic-mismatch' | 'broker-unreachable' | 'not-allowed'> {}
