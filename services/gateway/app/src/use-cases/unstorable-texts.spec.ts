import type { CanonicalRequest } from '@weir/contracts'
import { unstorableTexts } from './unstorable-texts.js'

const request: CanonicalRequest = { source: 'orders', action: 'create', enforcement: 'pre', skus: [{ raw: 'm7i.large', count: 1 }] }

describe('unstorableTexts', () => {
  it('finds nothing in Unicode text, emoji included', () => {
    expect(unstorableTexts({ ...request, endUse: { statement: 'good \u{1F600}\n' } })).toEqual([])
  })

  it('points at each NUL and each lone surrogate', () => {
    const bad = { ...request, skus: [...request.skus, { raw: 'a\0', count: 1 }], endUse: { statement: '\udc00' } }
    expect(unstorableTexts(bad).map(({ pointer }) => pointer)).toEqual(['/skus/1/raw', '/endUse/statement'])
  })
})
