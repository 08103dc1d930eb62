// proof: lint/no-restricted-syntax "Use a fake"
import { jest } from '@jest/globals'

jest.mock('../src/inner.js')
