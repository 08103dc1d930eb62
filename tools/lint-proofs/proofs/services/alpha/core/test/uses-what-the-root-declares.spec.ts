import { expect } from '@jest/globals'

it('may use what the root declares for tests', () => expect(1).toBe(1))
