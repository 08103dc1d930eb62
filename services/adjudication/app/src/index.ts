export { adjudicationService } from './service.js'
