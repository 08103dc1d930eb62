import { Controller, Inject } from '@nestjs/common'
import { Ctx, EventPattern, Payload } from '@nestjs/microservices'
import { isPlatform } from '@weir/gateway-core'
import type { ReceivedRaw, UnitOfWork } from '@weir/messaging'
import type { UnreadEvents } from '../use-cases/ports.js'
import type { TakeSourceBody } from '../use-cases/take-source-body.js'

export const INTAKE = Symbol('intake')
export interface Intake {
  readonly take: TakeSourceBody
  readonly unread: UnreadEvents
  /** platform by ce_source, for senders that do not name it */
  readonly sources: Readonly<Record<string, string>>
}

/** weir.intake: the same records as over HTTP; the answers go to weir.answers. */
@Controller()
export class IntakeController {
  constructor(@Inject(INTAKE) private readonly intake: Intake) {}

  @EventPattern<string>('weir.intake')
  async onMessages(@Payload() messages: ReceivedRaw[], @Ctx() unit: UnitOfWork): Promise<void> {
    for (const message of messages) await this.onMessage(message, unit)
  }

  private async onMessage(message: ReceivedRaw, unit: UnitOfWork): Promise<void> {
    const source = message.headers['ce_source'] ?? ''
    const known = Object.hasOwn(this.intake.sources, source) ? this.intake.sources[source] : undefined
    const platform = message.headers['weir-platform'] ?? known
    const parsed = parse(message.value)
    if (platform === undefined || !isPlatform(platform) || parsed === undefined) {
      const reason = parsed === undefined ? 'the value is not JSON' : `no adapter for ${platform ?? 'a message without weir-platform'}`
      await this.intake.unread.keep(unit.tx, [{ id: message.id, platform: platform ?? 'unknown', reason, body: message.value }])
      return
    }
    const body = platform === 'cloudevents' ? structured(message, parsed.json) : parsed.json
    await this.intake.take.take(unit, { platform, body, text: message.value, traceparent: message.headers['traceparent'] })
  }
}

function parse(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

/** Binary mode of the Kafka binding: attributes in `ce_` headers. */
function structured(message: ReceivedRaw, data: unknown): unknown {
  if (message.headers['ce_specversion'] === undefined) return data
  const attributes = Object.entries(message.headers).flatMap(([name, value]) =>
    name.startsWith('ce_') ? [[name.slice(3), value] as const] : [],
  )
  return { ...Object.fromEntries(attributes), data }
}
