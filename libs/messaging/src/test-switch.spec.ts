import { armTestSwitch, planted } from './test-switch.js'

describe('the switch for chaos trials', () => {
  it('leaves an ordinary process alone', () => {
    expect(() => {
      armTestSwitch({ NODE_ENV: 'production' })
    }).not.toThrow()
    expect(planted('inbox-off')).toBe(false)
  })

  it.each([{ WEIR_TEST_PLANT: 'inbox-off' }, { WEIR_TEST_FAILPOINT: 'after-fence:1' }, { WEIR_TEST_FAILPOINT_FILE: 'failpoint' }])(
    'is refused outside of a trial: %j',
    (env) => {
      for (const NODE_ENV of [undefined, 'production', 'test'])
        expect(() => {
          armTestSwitch({ ...env, NODE_ENV })
        }).toThrow('NODE_ENV has to be test-chaos')
      expect(planted('inbox-off')).toBe(false)
    },
  )

  it.each([{ WEIR_TEST_PLANT: 'nothing' }, { WEIR_TEST_FAILPOINT: 'nowhere:1' }, { WEIR_TEST_FAILPOINT: 'after-fence:0' }])(
    'refuses what it does not know: %j',
    (env) => {
      expect(() => {
        armTestSwitch({ ...env, NODE_ENV: 'test-chaos' })
      }).toThrow('WEIR_TEST_')
    },
  )
})
