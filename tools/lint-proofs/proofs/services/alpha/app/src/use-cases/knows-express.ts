// proof: walls/use-cases-know-no-framework, packages/undeclared
import type { Request } from 'express'

export type Asked = Request
