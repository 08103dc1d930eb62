// The client's journal, read on from where the last reading ended: what it sent, what it was told.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

export function openJournalReader(file) {
  const journal = { sent: new Map(), licenses: new Map(), cases: new Map(), repeated: [], reused: [], reports: [] }
  let [at, rest] = [0, Buffer.alloc(0)]
  const take = {
    sent: (entry) => journal.sent.set(entry.name, entry),
    told: (entry) => (journal.sent.get(entry.name).told = entry),
    license: ({ licenseId, quantity }) => journal.licenses.set(licenseId, quantity),
    case: (entry) => journal.cases.set(entry.name, entry),
    repeated: (entry) => journal.repeated.push(entry),
    reused: (entry) => journal.reused.push(entry),
    report: (entry) => journal.reports.push(entry),
    customer: () => undefined,
  }
  const read = () => {
    const fd = openSync(file, 'r')
    try {
      const size = fstatSync(fd).size
      const fresh = Buffer.alloc(size - at)
      readSync(fd, fresh, 0, fresh.length, at)
      at = size
      const bytes = Buffer.concat([rest, fresh])
      const end = bytes.lastIndexOf(10) + 1
      rest = bytes.subarray(end)
      for (const line of bytes.toString('utf8', 0, end).split('\n').filter(Boolean)) {
        const entry = JSON.parse(line)
        take[entry.kind](entry)
      }
    } finally {
      closeSync(fd)
    }
    return journal
  }
  return { read }
}
