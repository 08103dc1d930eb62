import { Body, Controller, Get, Headers, HttpCode, Inject, Post } from '@nestjs/common'
import { license } from '@weir/contracts'
import { actorOf, parseBody, ProblemError, requireIdempotencyKey, runIdempotent, type RequestHeaders } from '@weir/service-host'
import type { Adjudication } from '../adjudication.js'
import { ADJUDICATION } from '../tokens.js'

// What is no instant is told as that alone.
const body = license.refine((given) => !(Date.parse(given.validFrom) >= Date.parse(given.validTo)), {
  message: 'the end is not after the start',
  path: ['validTo'],
})

@Controller('v1/licenses')
export class LicensesController {
  readonly #parts: Adjudication

  constructor(@Inject(ADJUDICATION) parts: Adjudication) {
    this.#parts = parts
  }

  @Get()
  async list(): Promise<unknown> {
    return { items: await this.#parts.licenses.list(this.#parts.database) }
  }

  @Post()
  @HttpCode(201)
  async register(@Headers() headers: RequestHeaders, @Body() given: unknown): Promise<unknown> {
    const actor = actorOf(headers).name
    const registered = parseBody(body, given)
    const key = `${actor}\nregister-license\n${requireIdempotencyKey(headers)}`
    const answer = await this.#parts.unitOfWork.run('register-license', (unit) =>
      runIdempotent({ unit, key, fingerprint: registered }, async () => {
        const salt = this.#parts.newSalt()
        const isNew = await this.#parts.licenses.register(unit.tx, registered, { actor, at: unit.now, salt })
        if (!isNew) throw taken(registered.licenseId)
        unit.emit({
          type: 'weir.license.registered.v1',
          subject: registered.licenseId,
          key: registered.customerId,
          cause: { id: key },
          data: { ...registered, salt },
        })
        return { status: 201, body: { ...registered, available: registered.quantity } }
      }),
    )
    return answer.body
  }
}

const taken = (licenseId: string): ProblemError =>
  new ProblemError({
    status: 409,
    code: 'license-exists',
    title: 'This license is registered.',
    detail: `The id ${licenseId}, or the customer's license of this number, is known already.`,
  })
