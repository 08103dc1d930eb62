import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common'
import type { ServiceDeps } from '@weir/service-host'
import type { GateLoad } from '../use-cases/gate-load.js'

export const LOAD_WATCH = Symbol('load watch')
const EVERY_MS = 1_000

/** Has the load looked at while the service runs. */
export class LoadWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined
  private looking: Promise<void> | undefined
  private failing = false

  constructor(
    private readonly load: GateLoad,
    private readonly logger: ServiceDeps<unknown>['logger'],
  ) {}

  onApplicationBootstrap(): void {
    this.look()
    this.timer = setInterval(() => this.look(), EVERY_MS)
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer)
    await this.looking
  }

  /** One look at a time: what does not answer is not asked again before it has. */
  private look(): void {
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined
    })
  }

  private async lookOnce(): Promise<void> {
    try {
      await this.load.look()
      this.failing = false
    } catch (error) {
      if (!this.failing) this.logger.warn({ err: error }, 'the load is not known in full; soon nobody is kept waiting for an answer')
      this.failing = true
    }
  }
}
