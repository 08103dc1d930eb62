import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common'
import { parseTileIndex, parseTileLevel } from '@weir/ledger-verifier'
import { ProblemError } from '@weir/service-host'
import type { Request, Response } from 'express'
import type { LogReader } from '../store/log-store.js'
import type { LogTiles } from '../use-cases/log-tiles.js'

export const LOG = Symbol('log')
export interface PublicLog {
  readonly tiles: LogTiles
  readonly reader: LogReader
  readonly vkey: string
}

const MAX_PAGE = 500

/** The log as anybody may read it: tlog-tiles, and entries as JSON for those who hold the scope. */
@Controller()
export class LedgerController {
  constructor(@Inject(LOG) private readonly log: PublicLog) {}

  @Get('ledger/checkpoint')
  async checkpoint(@Res() response: Response): Promise<void> {
    const { note } = await this.log.tiles.checkpoint()
    if (note === '') throw missing('The log is empty.')
    response.set('cache-control', 'no-cache').type('text/plain; charset=utf-8').send(note)
  }

  @Get('ledger/vkey')
  vkey(@Res() response: Response): void {
    response.type('text/plain; charset=utf-8').send(`${this.log.vkey}\n`)
  }

  @Get('ledger/tile/:kind/{*rest}')
  async tile(@Req() request: Request, @Res() response: Response): Promise<void> {
    const [kind, ...rest] = request.path.slice('/ledger/tile/'.length).split('/')
    const position = parseTileIndex(rest.join('/'))
    const level = kind === 'entries' ? undefined : parseTileLevel(kind ?? '')
    if (position === undefined || (kind !== 'entries' && level === undefined)) throw missing('This is not the path of a tile.')
    const tile = await this.log.tiles.tile({ level, index: Number(position.index), width: position.width })
    if (tile === undefined) throw missing('The log has no such tile.')
    response.set('cache-control', 'public, max-age=31536000, immutable').type('application/octet-stream').send(tile.bytes)
  }

  @Get('v1/ledger/entries')
  async entries(@Query('from') from = '0', @Query('limit') limit = '100'): Promise<unknown> {
    const [start, count] = [Number(from), Math.min(Number(limit), MAX_PAGE)]
    if (!Number.isSafeInteger(start) || start < 0 || !Number.isSafeInteger(count) || count < 1) {
      throw new ProblemError({ status: 400, code: 'invalid-range', title: 'from and limit are numbers of entries.' })
    }
    const items = await this.log.reader.leaves({ from: start, count })
    return { items: items.map(({ index, kind, leaf, treeSize, recordedAt }) => ({ index, kind, entry: leaf, treeSize, recordedAt })) }
  }
}

const missing = (detail: string): ProblemError =>
  new ProblemError({ status: 404, code: 'not-in-the-log', title: 'There is nothing here.', detail })
