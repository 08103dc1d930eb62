export { reportsService } from './service.js'
