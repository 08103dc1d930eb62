// proof: lint/no-restricted-syntax "Wait with a probe"
import { setTimeout as pause } from 'node:timers/promises'

export const later = (): Promise<void> => pause(100)
