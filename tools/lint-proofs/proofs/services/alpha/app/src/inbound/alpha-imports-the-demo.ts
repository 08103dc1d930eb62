// proof: walls/service-imports-only-itself
import { demo } from '@weir/demo'

export const told = demo
