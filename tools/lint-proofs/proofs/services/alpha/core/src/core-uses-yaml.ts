// proof: walls/core-is-pure
import type { Document } from 'yaml'

export type Text = Document
