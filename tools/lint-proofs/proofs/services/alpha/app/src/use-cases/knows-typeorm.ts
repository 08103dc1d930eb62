// proof: walls/use-cases-know-no-framework
import type { DataSource } from 'typeorm'

export type Source = DataSource
