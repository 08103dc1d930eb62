import { testDatabase } from '@weir/testing'
import { silent } from '../test/listening-service.js'
import { openPostgresLog } from './postgres-log.js'
import { transportFeatures } from './transport.features.js'

describe('the PostgreSQL log', () => {
  transportFeatures(async () => {
    const bus = await testDatabase({ service: 'reports', migrations: [] })
    return {
      open: (options) => openPostgresLog({ url: bus.busUrl, logger: silent, ...options }),
      close: () => bus.drop(),
    }
  })
})
