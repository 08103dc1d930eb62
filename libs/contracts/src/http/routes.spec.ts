import { routes } from './routes.js'

describe('routes', () => {
  it('are each there once', () => {
    const names = routes.map(({ method, path }) => `${method} ${path}`)
    expect(names).toEqual([...new Set(names)])
  })

  it('ask for a key wherever they are under /v1/, and only there', () => {
    const open = routes.filter(({ scope }) => scope === undefined).map(({ path }) => path)
    expect(open).toEqual(routes.map(({ path }) => path).filter((path) => !path.startsWith('/v1/')))
  })

  it('that read need no idempotency key and have no body', () => {
    const reads = routes.filter(({ method }) => method === 'GET')
    expect(reads.filter(({ idempotent, request }) => idempotent === true || request !== undefined)).toEqual([])
  })
})
