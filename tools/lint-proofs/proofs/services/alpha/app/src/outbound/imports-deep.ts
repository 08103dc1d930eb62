// proof: lint/no-restricted-imports, walls/no-unresolvable, types/TS2307
import type { inner } from '@weir/alpha-core/src/inner.js'

export type Inner = typeof inner
