import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { tilesBetween } from '@weir/ledger-core'
import { parseCheckpoint } from '@weir/ledger-verifier'
import type { LogTiles } from './log-tiles.js'

/**
 * The log as files: tiles first, then the checkpoint, each by rename, so that whoever copies the folder at any moment
 * copies a log that verifies. Catches up from the database; a crash in between loses nothing.
 */
export class PublishFiles {
  private running: Promise<void> | undefined
  private again = false

  constructor(
    private readonly dir: string,
    private readonly tiles: LogTiles,
  ) {}

  /** Runs are joined: one at a time, and one more if the log grew meanwhile. */
  catchUp(): Promise<void> {
    this.again = true
    this.running ??= this.run().finally(() => {
      this.running = undefined
    })
    return this.running
  }

  private async run(): Promise<void> {
    while (this.again) {
      this.again = false
      const { note, size } = await this.tiles.checkpoint()
      const from = await this.publishedSize()
      if (size === 0 || from === size) continue
      for (const span of tilesBetween(from, size)) {
        const tile = await this.tiles.tile(span)
        if (tile !== undefined) await this.write(tile.path, tile.bytes)
      }
      await this.write('checkpoint', Buffer.from(note, 'utf8'))
    }
  }

  private async publishedSize(): Promise<number> {
    const note = await readFile(join(this.dir, 'checkpoint'), 'utf8').catch(() => '')
    const text = note.slice(0, note.lastIndexOf('\n\n') + 1)
    const checkpoint = parseCheckpoint(text)
    return checkpoint.ok ? checkpoint.value.size : 0
  }

  private async write(path: string, bytes: Uint8Array): Promise<void> {
    const file = join(this.dir, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(`${file}.new`, bytes)
    await rename(`${file}.new`, file)
  }
}
