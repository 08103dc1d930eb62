import { Controller } from '@nestjs/common'
import { EventPattern } from '@nestjs/microservices'
import { z } from 'zod'
import { runService } from '../src/run-service.js'

@Controller()
class Listener {
  @EventPattern<string>('weir.provisioning.requested.v1')
  async on() {}
}

class ListenerModule {}

await runService({
  name: 'identity',
  consumes: ['weir.provisioning.requested.v1'],
  produces: [],
  onFailure: 'park',
  config: z.object({}),
  migrations: [],
  entities: [],
  module: () => ({ module: ListenerModule, controllers: [Listener] }),
})
process.send?.('started')
