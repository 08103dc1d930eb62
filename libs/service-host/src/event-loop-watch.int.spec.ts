import { until } from '@weir/testing'
import { watchEventLoop } from './event-loop-watch.js'

/** Nothing else runs meanwhile: that is what is measured. */
function block(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

describe('the watch of the event loop', () => {
  it('tells each pause, and calls only what lasts an overload', async () => {
    const heard: number[] = []
    const watch = watchEventLoop((ms) => heard.push(ms))
    await until(() => heard.length > 0, { describe: 'a window is over' })
    heard.length = 0
    block(300)
    await until(() => heard.length > 3, { describe: 'windows pass' })
    expect(Math.max(...heard)).toBeGreaterThan(200)
    expect(watch.sustainedMs()).toBeLessThan(100)

    const blocking = setInterval(() => block(200), 1)
    await until(() => watch.sustainedMs() > 120, { describe: 'it lasts' })
    clearInterval(blocking)
    await until(() => watch.sustainedMs() < 100, { describe: 'it is over' })

    watch.stop()
    const after = heard.length
    block(600)
    await new Promise((done) => setImmediate(done))
    expect(heard.length).toBe(after)
  })
})
