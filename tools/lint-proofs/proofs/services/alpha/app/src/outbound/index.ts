// proof: lint/weir/index-is-the-door
export { named } from './camelCase.js'
