import { roomFor, type Admission, type LoadSignal, type Raised, type RoomLimits } from '@weir/gateway-core'
import type { ServiceLoad } from '@weir/service-host'
import type { OpenRequests } from './open-requests.js'

interface GateLoadParts {
  readonly load: ServiceLoad
  readonly open: OpenRequests
  readonly limits: RoomLimits
  readonly now: () => number
}

type Sample = Readonly<Record<'outbox-depth' | 'lag' | 'open-requests', number>> & { readonly at: number }

/** On these the answers come in. A flood of records or of customers on the other topics keeps no answer back. */
const ANSWER_TOPICS: readonly string[] = ['weir.decisions', 'weir.ledger']
const KNOWN_FOR_MS = 5_000
const SAMPLES = 6

/** How loaded the gate is, and whether there is room for one more request. */
export class GateLoad {
  private lag: { readonly messages: number; readonly at: number } | undefined
  private samples: readonly Sample[] = []
  private raised: Raised = new Map()

  constructor(private readonly parts: GateLoadParts) {}

  roomFor(caller: string): Admission {
    const { load, open, limits } = this.parts
    const { admission, raised } = roomFor(
      {
        load: {
          'outbox-depth': load.outboxDepth(),
          'outbox-age': load.outboxAgeMs(),
          lag: this.knownLag(),
          'event-loop': load.eventLoopDelayMs(),
          'open-requests': open.count(),
        },
        drainPerSecond: this.drain(),
        caller: open.of(caller),
      },
      { limits, before: this.raised },
    )
    this.raised = raised
    return admission
  }

  /** About once a second: what takes too long to be asked for every request, and how the backlogs move. Rejects where one part is not told. */
  async look(): Promise<void> {
    const { load, open, now } = this.parts
    const [lag, reviewed] = await Promise.allSettled([load.lag(), open.review()])
    if (lag.status === 'fulfilled') {
      const messages = lag.value.reduce((sum, one) => sum + (ANSWER_TOPICS.includes(one.topic) ? one.messages : 0), 0)
      this.lag = { messages, at: now() }
      const sample = { at: now(), lag: messages, 'outbox-depth': load.outboxDepth(), 'open-requests': open.count() }
      this.samples = [...this.samples, sample].slice(-SAMPLES)
    }
    for (const part of [lag, reviewed]) if (part.status === 'rejected') throw part.reason
  }

  private knownLag(): number | undefined {
    return this.lag !== undefined && this.parts.now() - this.lag.at < KNOWN_FOR_MS ? this.lag.messages : undefined
  }

  private drain(): Readonly<Partial<Record<LoadSignal, number>>> {
    const [first, last] = [this.samples[0], this.samples.at(-1)]
    if (first === undefined || last === undefined || last.at <= first.at) return {}
    const seconds = (last.at - first.at) / 1_000
    const of = (signal: keyof Omit<Sample, 'at'>) => (first[signal] - last[signal]) / seconds
    return { lag: of('lag'), 'outbox-depth': of('outbox-depth'), 'open-requests': of('open-requests') }
  }
}
