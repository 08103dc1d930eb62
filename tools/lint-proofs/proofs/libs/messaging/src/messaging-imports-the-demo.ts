// proof: walls/library-imports-no-service
import { demo } from '@weir/demo'

export const told = demo
