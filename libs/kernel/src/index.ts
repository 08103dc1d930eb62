export { canonicalJson, type Json } from './canonical-json.js'
export { Fault } from './fault.js'
export { ok, refused, type Result } from './result.js'
