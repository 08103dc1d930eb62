// proof: packages/undeclared
export const later = (): Promise<unknown> => import('uuid')
