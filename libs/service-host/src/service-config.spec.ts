import { z } from 'zod'
import { parseServiceConfig } from './service-config.js'

const definition = {
  name: 'identity' as const,
  config: z.object({
    WEIR_IDENTITY_MATCH_THRESHOLD: z.coerce.number().min(0).max(1).default(0.85),
    WEIR_IDENTITY_LISTS: z.string().optional(),
  }),
}

describe('configuration of a service', () => {
  it('reads the keys of the service and fills in defaults', () => {
    const config = parseServiceConfig(definition, { WEIR_IDENTITY_LISTS: 'lists', WEIR_LEDGER_KEY: 'not mine', PATH: '/bin' })

    expect(config).toEqual({ WEIR_IDENTITY_LISTS: 'lists', WEIR_IDENTITY_MATCH_THRESHOLD: 0.85 })
  })

  it('leaves the port and the URL to the host', () => {
    expect(() => parseServiceConfig(definition, { WEIR_IDENTITY_PORT: '4000', WEIR_IDENTITY_URL: 'http://x' })).not.toThrow()
  })

  it('refuses a misspelled key and names the right one', () => {
    const parse = () => parseServiceConfig(definition, { WEIR_IDENTITY_MATCH_TRESHOLD: '0.9' })

    expect(parse).toThrow('WEIR_IDENTITY_MATCH_TRESHOLD is not a key of identity. Did you mean WEIR_IDENTITY_MATCH_THRESHOLD?')
  })

  it('refuses a foreign key and lists the known ones', () => {
    const parse = () => parseServiceConfig(definition, { WEIR_IDENTITY_COLOR: 'red' })

    expect(parse).toThrow('Remove it; the keys are WEIR_IDENTITY_MATCH_THRESHOLD, WEIR_IDENTITY_LISTS.')
  })

  it('refuses a value out of range and names its key', () => {
    const parse = () => parseServiceConfig(definition, { WEIR_IDENTITY_MATCH_THRESHOLD: '7' })

    expect(parse).toThrow(/WEIR_IDENTITY_MATCH_THRESHOLD: /)
  })

  it('sees the keys through a transformation', () => {
    const piped = {
      name: 'identity' as const,
      config: definition.config.transform((read) => ({ threshold: read.WEIR_IDENTITY_MATCH_THRESHOLD })),
    }

    expect(parseServiceConfig(piped, {})).toEqual({ threshold: 0.85 })
    expect(() => parseServiceConfig(piped, { WEIR_IDENTITY_COLOR: 'red' })).toThrow('WEIR_IDENTITY_COLOR')
  })
})
