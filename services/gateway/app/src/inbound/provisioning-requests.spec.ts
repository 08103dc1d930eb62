import { waitOf } from './provisioning-requests.controller.js'

describe('waitOf', () => {
  it.each<[string | string[] | undefined, number]>([
    [undefined, 2_000],
    ['', 2_000],
    ['respond-async', 2_000],
    ['wait=0', 0],
    ['wait=3', 3_000],
    ['Wait=3', 3_000],
    ['respond-async, wait=4', 4_000],
    ['respond-async;wait=4', 4_000],
    [['respond-async', 'wait=5'], 5_000],
    ['wait=10', 10_000],
    ['wait=11', 10_000],
    ['wait=999999', 10_000],
    ['wait=1e3', 2_000],
    ['wait=-1', 2_000],
    ['await=7', 2_000],
  ])('reads %j', (prefer, milliseconds) => {
    expect(waitOf(prefer)).toBe(milliseconds)
  })
})
