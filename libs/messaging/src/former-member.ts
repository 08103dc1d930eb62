import type { Kafka } from 'kafkajs'
import type { Logger } from 'pino'
import { withCoordinator } from './kafka-cluster.js'
import type { Membership, Memberships } from './transport.js'
import { atMost } from './wait.js'

interface FormerMemberParts {
  readonly kafka: Kafka
  readonly logger: Logger
  readonly membership: Membership
  readonly memberships: Memberships
}

interface LeaveTaker {
  leaveGroup(of: { readonly groupId: string; readonly memberId: string }): Promise<unknown>
}

/** A start waits no longer for it: without it the group waits out the dead member's session, as it would anyway. */
const WITHIN_MS = 2_000

/**
 * The member of a group that the last process of this name was. One that was killed has left nobody its partitions: the
 * group keeps them for its session. Whoever starts under its name says that it is gone. Should it live after all, then it
 * joins again, and until then the epochs of the database fence it off.
 */
export class FormerMember {
  private present: string | undefined
  private writing: Promise<void> = Promise.resolve()

  constructor(private readonly parts: FormerMemberParts) {}

  /** Once per process and before it joins; later it would throw out itself. Never rejects. */
  async leave(): Promise<void> {
    const { logger, membership } = this.parts
    const left = this.sendLeave().catch((error: unknown) => {
      // Mostly the group knows no such member: it left in order, or its session is over.
      logger.debug({ err: error, ...membership }, 'the former member did not leave the group')
    })
    await atMost(WITHIN_MS, left)
  }

  private async sendLeave(): Promise<void> {
    const { kafka, logger, membership, memberships } = this.parts
    const memberId = await memberships.former(membership)
    if (memberId === undefined) return
    await withCoordinator(kafka, membership.group, async (broker: LeaveTaker) => {
      // After the time above this process may have joined.
      if (this.present !== undefined) return
      await broker.leaveGroup({ groupId: membership.group, memberId })
      logger.info({ memberId, ...membership }, 'the member that this process was before has left the group')
    })
  }

  /** The last one of several is kept. Never rejects. */
  remember(memberId: string): Promise<void> {
    if (memberId === this.present) return this.writing
    this.present = memberId
    const { logger, membership, memberships } = this.parts
    this.writing = this.writing
      .then(() => memberships.remember(membership, memberId))
      .catch((error: unknown) => {
        logger.warn({ err: error }, 'the membership was not noted: after a kill the group would wait out its session')
      })
    return this.writing
  }
}
