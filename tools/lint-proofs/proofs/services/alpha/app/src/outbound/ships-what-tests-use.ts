// proof: packages/undeclared
import { expect } from '@jest/globals'

export const assert = expect
