import { structuredFromBinary } from './binary-cloudevent.js'

const data = { any: 'thing' }

describe('structuredFromBinary', () => {
  it('puts the attributes of the headers around the body', () => {
    const headers = { 'ce-specversion': '1.0', 'ce-id': '7', 'ce-source': '/a%20b', 'content-type': 'application/json', accept: '*/*' }
    expect(structuredFromBinary(headers, data)).toEqual({
      specversion: '1.0',
      id: '7',
      source: '/a b',
      datacontenttype: 'application/json',
      data,
    })
  })

  it('keeps a header value that is not well encoded as it is', () => {
    expect(structuredFromBinary({ 'ce-specversion': '1.0', 'ce-subject': '100%' }, data)).toMatchObject({ subject: '100%' })
  })

  it.each([
    ['without the version', { 'ce-id': '7' }],
    ['in structured mode', { 'ce-specversion': '1.0', 'content-type': 'application/cloudevents+json; charset=utf-8' }],
    ['in a batch', { 'ce-specversion': '1.0', 'content-type': 'Application/CloudEvents-Batch+JSON' }],
  ])('leaves a body alone %s', (_name, headers) => {
    expect(structuredFromBinary(headers, data)).toBe(data)
  })
})
