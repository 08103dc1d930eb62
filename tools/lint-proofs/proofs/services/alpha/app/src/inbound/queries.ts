// proof: walls/database-in-store-only
import type { DataSource } from 'typeorm'

export type Source = DataSource
