export { inner } from './inner.js'
