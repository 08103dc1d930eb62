/** A message on its way out. Value and headers are text; the same bytes on every transport. */
export interface OutgoingMessage {
  readonly topic: string
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly value: string
}

/** A message as it lies in a topic. */
export interface StoredMessage {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly key: string | undefined
  readonly headers: Readonly<Record<string, string>>
  /** undefined: a tombstone, or no value at all */
  readonly value: string | undefined
  /** undefined: the bytes are UTF-8 text; else the reason why they are not */
  readonly unreadable?: string
}

/** Consecutive messages of one partition, ascending offsets, never empty. */
export interface PartitionBatch {
  readonly topic: string
  readonly partition: number
  readonly messages: readonly StoredMessage[]
  /** of the assignment under which the batch was fetched; see `Consumer.onAssigned` */
  readonly epoch: number
  /** the log begins here now, above the offset that was asked for: what lay between is gone */
  readonly gapTo?: bigint
}

/** What a process is to a group, whichever member it is at the moment. */
export interface Membership {
  /** as the broker knows it */
  readonly group: string
  /** the name under which the process starts again after its end */
  readonly instance: string
}

export interface Memberships {
  /** the member that the last process of the instance was; undefined: none is known */
  former(of: Membership): Promise<string | undefined>
  remember(of: Membership, memberId: string): Promise<void>
}

export interface ConsumerOptions {
  /** exact consumer group id; nothing is appended */
  readonly group: string
  readonly topics: readonly string[]
  /** absent: what a process that was killed had is free when its session is over */
  readonly memberships?: Memberships
  /**
   * Called before the first batch of an assignment. The answer is the offset to continue at, per partition, as the
   * database knows it; the transport's own committed offsets only advise.
   */
  onAssigned(
    partitions: readonly { topic: string; partition: number }[],
  ): Promise<readonly { topic: string; partition: number; nextOffset: bigint; epoch: number }[]>
  /**
   * The log ends before the position: it lost its end, or is another log of the same name. It is read again from `to`
   * on, so the position has to move back; without that, new messages with old offsets would count as handled.
   */
  onRewound?(at: { readonly topic: string; readonly partition: number; readonly to: bigint; readonly epoch: number }): Promise<void>
  /**
   * Handles one batch; batches of one partition never overlap, partitions run side by side.
   * Resolves when the batch is done for good (committed in the database, or parked). A rejection is an infrastructure
   * fault: the transport pauses the partition, backs off and offers the same messages again, for ever.
   */
  onBatch(batch: PartitionBatch): Promise<void>
}

/** How many messages a consumer is behind the end of a partition. */
export interface PartitionLag {
  readonly topic: string
  readonly partition: number
  readonly messages: number
}

export interface Consumer {
  /** Stops fetching, waits for running batches, leaves the group. */
  stop(): Promise<void>
  /** Of the partitions that it has now, asked of the log; rejects while the log does not answer. */
  lag(): Promise<readonly PartitionLag[]>
  /** undefined: consuming. Else the reason for /readyz. */
  trouble(): string | undefined
}

/**
 * The one port to a log of messages. Two implementations pass one suite, `transport.features.ts`: Kafka and the
 * PostgreSQL log. Contract of both: order per key, at least once, the same partition for the same key on every topic
 * (Java-compatible murmur2), bytes unchanged.
 */
export interface Transport {
  readonly kind: 'kafka' | 'postgres-log'
  /** Creates missing topics, refuses a partition count other than the configured one. */
  ensureTopics(topics: readonly string[]): Promise<void>
  /**
   * Resolves when every message is stored (acks=all, or committed). Order per key holds within a call and between calls
   * that are awaited one after the other. A rejection means: some may be stored; publish the same list again. With the
   * fault `message-too-large` repeating does not help: one of them is never taken.
   */
  publish(messages: readonly OutgoingMessage[]): Promise<void>
  consume(options: ConsumerOptions): Promise<Consumer>
  /** undefined: reachable */
  trouble(): string | undefined
  close(): Promise<void>
}
