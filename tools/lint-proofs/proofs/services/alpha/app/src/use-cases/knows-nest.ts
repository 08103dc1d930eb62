// proof: walls/use-cases-know-no-framework
import type { LoggerService } from '@nestjs/common'

export type Log = LoggerService
