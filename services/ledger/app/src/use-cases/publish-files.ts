import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Fault } from '@weir/kernel'
import { tilesBetween } from '@weir/ledger-core'
import { equalBytes, parseCheckpoint, parseNote, type Checkpoint, type Sha256 } from '@weir/ledger-verifier'
import { passFailpoint } from '@weir/messaging'
import type { LogTiles } from './log-tiles.js'

export class LogFolderFault extends Fault<'folder-of-another-log'> {}

interface PublishDeps {
  readonly dir: string
  readonly tiles: Pick<LogTiles, 'checkpoint' | 'rootAt' | 'tile'>
  readonly sha256: Sha256
}

/**
 * The log as files: tiles first, then the checkpoint, each by rename, so that whoever reads the checkpoint first finds
 * every tile that it demands. Catches up from the database; a crash in between loses nothing.
 */
export class PublishFiles {
  private running: Promise<void> | undefined
  private again = false
  /** size of the checkpoint in the folder; undefined: nobody looked yet */
  private published: number | undefined

  constructor(private readonly deps: PublishDeps) {}

  /** Runs are joined: one at a time, and one more if the log grew meanwhile. */
  catchUp(): Promise<void> {
    this.again = true
    this.running ??= this.run()
    return this.running
  }

  private async run(): Promise<void> {
    try {
      while (this.again) {
        this.again = false
        await this.publish()
      }
    } finally {
      // In the same turn as the last look at `again`: whoever asks from here on starts a run of its own.
      this.running = undefined
    }
  }

  private async publish(): Promise<void> {
    const { note, size } = await this.deps.tiles.checkpoint()
    const from = (this.published ??= await this.sizeOfFolder(size))
    if (from === size) return
    const full: string[] = []
    for (const span of tilesBetween(from, size)) {
      const tile = await this.deps.tiles.tile(span)
      if (tile === undefined) throw new RangeError(`a log of ${size} entries lacks a tile of its own`)
      await this.write(tile.path, tile.bytes)
      if (span.width === 0) full.push(tile.path)
    }
    passFailpoint('before-checkpoint')
    await this.write('checkpoint', Buffer.from(note, 'utf8'))
    passFailpoint('after-checkpoint')
    this.published = size
    // Only now: a reader of the former checkpoint takes the full tile where the partial one is gone.
    for (const path of full) await rm(join(this.deps.dir, `${path}.p`), { recursive: true, force: true })
  }

  /** Danger: tiles of two logs in one folder would verify as neither. */
  private async sizeOfFolder(size: number): Promise<number> {
    const checkpoint = await this.checkpointOfFolder()
    if (checkpoint === undefined) return 0
    const root = checkpoint.size <= size ? await this.deps.tiles.rootAt(checkpoint.size, this.deps.sha256) : undefined
    if (root !== undefined && equalBytes(root, checkpoint.root)) return checkpoint.size
    throw new LogFolderFault({
      code: 'folder-of-another-log',
      message: `${this.deps.dir} holds a log of ${checkpoint.size} entries that the database, with ${size}, does not continue; move it away`,
    })
  }

  /**
   * undefined: none, or one that is no checkpoint; everything is written anew then.
   * Danger: one that cannot be read at the moment is neither, and must not pass for an empty folder.
   */
  private async checkpointOfFolder(): Promise<Checkpoint | undefined> {
    const file = join(this.deps.dir, 'checkpoint')
    const note = parseNote(existsSync(file) ? await readFile(file, 'utf8') : '')
    const checkpoint = note.ok ? parseCheckpoint(note.value.text) : undefined
    return checkpoint?.ok === true ? checkpoint.value : undefined
  }

  private async write(path: string, bytes: Uint8Array): Promise<void> {
    const file = join(this.deps.dir, path)
    await mkdir(dirname(file), { recursive: true })
    // On disk before its name is: a tile below a checkpoint that survived a power cut is never written again.
    await writeFile(`${file}.new`, bytes, { flush: true })
    await rename(`${file}.new`, file)
  }
}
