import { SampleLog } from '@weir/testing'
import { PinnedReceiptChecker } from './receipt-checker.js'

const log = new SampleLog('ledger.test.example')
const recorded = Array.from({ length: 70 }, (_, n) => {
  const { receipt = '' } = log.entries[log.append([`entry ${n}`])] ?? {}
  return { entry: `entry ${n}`, receipt }
})
const [first = { entry: '', receipt: '' }] = recorded

test('receipts of more checkpoints than are remembered are good, in whatever order they come, and again', () => {
  const checker = new PinnedReceiptChecker(log.vkey)
  for (const one of [...recorded, ...recorded.toReversed(), first, first]) expect(checker.check(one)).toEqual({ ok: true })
})

test('that a checkpoint is known makes no other entry and no other text of it good', () => {
  const checker = new PinnedReceiptChecker(log.vkey)
  const signature = first.receipt.lastIndexOf(' ') + 20
  const other = first.receipt[signature] === 'A' ? 'B' : 'A'
  const forged = `${first.receipt.slice(0, signature)}${other}${first.receipt.slice(signature + 1)}`
  for (let n = 0; n < 2; n++) {
    expect(checker.check(first)).toEqual({ ok: true })
    expect(checker.check({ ...first, entry: 'another' })).toEqual({ ok: false, why: 'root-differs' })
    expect(checker.check({ ...first, receipt: forged })).toEqual({ ok: false, why: 'bad-signature' })
  }
})

test('a receipt of another log is refused', () => {
  const other = new SampleLog('other.test.example')
  other.append(['entry 0'])
  expect(new PinnedReceiptChecker(log.vkey).check({ entry: 'entry 0', receipt: other.entries[0]?.receipt ?? '' }).ok).toBe(false)
})
