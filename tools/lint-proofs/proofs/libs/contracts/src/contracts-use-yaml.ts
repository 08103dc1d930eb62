// proof: walls/contracts-import-zod-only
import type { Document } from 'yaml'

export type Text = Document
