import { readFile } from 'node:fs/promises'
import { Controller, Get, Inject, Res } from '@nestjs/common'
import type { Response } from 'express'

export const PAGES = Symbol('pages')
export interface Pages {
  /** HTML file for `/`; without one a list of links is shown */
  readonly home: string | undefined
  /** folder of the generated contract documents */
  readonly published: URL
}

const fallback = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Weir</title><h1>Weir</h1>
<ul><li><a href="/openapi.json">OpenAPI</a></li><li><a href="/asyncapi.json">AsyncAPI</a></li><li><a href="/ledger/checkpoint">Checkpoint</a></li></ul></html>`

@Controller()
export class PagesController {
  constructor(@Inject(PAGES) private readonly pages: Pages) {}

  @Get()
  async home(@Res() response: Response): Promise<void> {
    const html = this.pages.home === undefined ? fallback : await readFile(this.pages.home, 'utf8').catch(() => fallback)
    response
      .set('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'")
      .type('html')
      .send(html)
  }

  @Get('openapi.json')
  async openapi(@Res() response: Response): Promise<void> {
    response.type('application/json').send(await readFile(new URL('openapi.json', this.pages.published)))
  }

  @Get('asyncapi.json')
  async asyncapi(@Res() response: Response): Promise<void> {
    response.type('application/json').send(await readFile(new URL('asyncapi.json', this.pages.published)))
  }
}
