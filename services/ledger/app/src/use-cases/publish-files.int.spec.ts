import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyFrontier, formatCheckpoint, formatNote, rootOf, appendLeaves, leafHash, utf8 } from '@weir/ledger-verifier'
import { sha256 } from '../outbound/checkpoint-signer.js'
import { PublishFiles } from './publish-files.js'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'weir-files-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

/** A log of one entry of this text. */
function logOf(text: string) {
  const root = rootOf(appendLeaves(emptyFrontier, { leaves: [leafHash(utf8(text), sha256)], sha256 }).frontier, sha256)
  const signature = { name: 'weir.test/log', keyId: new Uint8Array(4), signature: new Uint8Array(64) }
  const checkpoint = formatCheckpoint({ origin: 'weir.test/log', size: 1, root, extensions: [] })
  const note = formatNote({ text: checkpoint, signatures: [signature] })
  const tiles = {
    checkpoint: () => Promise.resolve({ note, size: 1 }),
    rootAt: () => Promise.resolve(root),
    tile: () => Promise.resolve({ path: 'tile/0/000.p/1', bytes: Buffer.from(text) }),
  }
  return { note, publish: () => new PublishFiles({ dir, tiles, sha256 }).catchUp() }
}

test('a folder that holds another log is refused and left alone', async () => {
  const [ours, theirs] = [logOf('ours'), logOf('theirs')]
  await theirs.publish()

  await expect(ours.publish()).rejects.toMatchObject({ code: 'folder-of-another-log' })

  expect(readFileSync(join(dir, 'checkpoint'), 'utf8')).toBe(theirs.note)
  expect(readFileSync(join(dir, 'tile/0/000.p/1'), 'utf8')).toBe('theirs')
})

test('a checkpoint that cannot be read does not pass for an empty folder', async () => {
  mkdirSync(join(dir, 'checkpoint'))

  await expect(logOf('ours').publish()).rejects.toMatchObject({ code: 'EISDIR' })

  expect(readdirSync(dir)).toEqual(['checkpoint'])
})

test('a folder whose checkpoint was damaged is written anew', async () => {
  const { note, publish } = logOf('ours')
  writeFileSync(join(dir, 'checkpoint'), note.slice(0, 20))

  await publish()

  expect(readFileSync(join(dir, 'checkpoint'), 'utf8')).toBe(note)
})
