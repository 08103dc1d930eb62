// proof: walls/nest-in-inbound-only
import type { LoggerService } from '@nestjs/common'

export type Log = LoggerService
