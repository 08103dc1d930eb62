import { Controller, Get, Inject } from '@nestjs/common'
import type { Adjudication } from '../adjudication.js'
import { ADJUDICATION } from '../tokens.js'

@Controller('v1/packs')
export class PacksController {
  readonly #parts: Adjudication

  constructor(@Inject(ADJUDICATION) parts: Adjudication) {
    this.#parts = parts
  }

  @Get()
  list(): unknown {
    const items = this.#parts.policy.packs.map(({ id, digest, title, legalStatus, mode }) => ({
      packId: id,
      digest,
      title,
      legalStatus,
      mode,
    }))
    return { items }
  }
}
