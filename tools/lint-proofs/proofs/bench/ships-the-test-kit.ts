// proof: walls/test-kit-in-tests-only
import { testing } from '@weir/testing'

export const kit = testing
