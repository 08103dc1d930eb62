import { readAnswer } from './lean-client.mjs'

const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json'

describe('an answer', () => {
  it.each(['', 'HTTP/1.1 200 OK\r\n', `${head}\r\nContent-Length: 2\r\n\r\n`, `${head}\r\nContent-Length: 2\r\n\r\n{`])(
    'is not there yet with %j',
    (text) => {
      expect(readAnswer(text)).toBeUndefined()
    },
  )

  it('ends with as many bytes as it says', () => {
    expect(readAnswer(`${head}\r\nContent-Length: 2\r\n\r\n{}`)).toEqual({ status: 200, body: '{}', last: false })
  })

  it('is put together from chunks, the last of which is empty', () => {
    const chunked = `${head}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n`

    expect(readAnswer(chunked)).toBeUndefined()
    expect(readAnswer(`${chunked}0\r\n\r\n`)?.body).toBe('{"a":1}')
  })

  it('says when the connection is not to be used again', () => {
    expect(readAnswer('HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')).toEqual({ status: 503, body: '', last: true })
  })
})
