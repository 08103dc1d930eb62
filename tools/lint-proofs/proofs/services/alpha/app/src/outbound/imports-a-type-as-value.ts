// proof: lint/@typescript-eslint/consistent-type-imports, types/TS1484
import { ThingRow } from '../store/thing-types.js'

export const empty: ThingRow = { id: '' }
