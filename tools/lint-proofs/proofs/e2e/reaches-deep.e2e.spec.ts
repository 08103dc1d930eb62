// proof: walls/one-door
import { inner } from '../services/alpha/core/src/inner.js'

it('reaches past the door', () => expect(inner).toBe('alpha'))
