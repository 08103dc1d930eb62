import { arrayEncoders } from './array-parameters.js'

describe('arrayEncoders', () => {
  it('finds each cast parameter by its place', () => {
    const encoders = arrayEncoders('select * from unnest($1::uuid[], $2::text[]) where a = any($10::int8[]) and b = $3::text')
    expect([...encoders.keys()]).toEqual([0, 1, 9])
  })

  it('leaves a parameter alone that is cast to two types, or to one that it does not know', () => {
    expect(arrayEncoders('select $1::text[], $1::uuid[], $2::constructor[], $3::numeric[]').size).toBe(0)
    expect(arrayEncoders('select $1::int[], $1::integer[]').size).toBe(1)
  })

  it('writes the documented form', () => {
    const encode = arrayEncoders('select $1::text[]').get(0)
    // dimensions, has nulls, element type, length, lower bound, then each element with its length
    expect(encode?.(['é', null])?.toString('hex')).toBe('000000010000000100000019' + '0000000200000001' + '00000002c3a9' + 'ffffffff')
    expect(encode?.([])?.toString('hex')).toBe('000000000000000000000019')
  })

  it('takes a part of a larger buffer for what it is', () => {
    const encode = arrayEncoders('select $1::bytea[]').get(0)
    const part = new Uint8Array([1, 2, 3, 4]).subarray(1, 3)
    expect(encode?.([part])?.subarray(-2)).toEqual(Buffer.from([2, 3]))
  })

  it.each([[{}], [undefined]])('leaves %j to the driver in text', (value) => {
    const encoded = arrayEncoders('select $1::text[]').get(0)?.([value])
    expect(encoded?.subarray(-4).toString('hex')).toBe(value === undefined ? 'ffffffff' : undefined)
  })
})
