import type { LoggerService } from '@nestjs/common'

export type Log = LoggerService
