export interface RefusedSyntax {
  readonly selector: string
  readonly message: string
}

export const everywhere: readonly RefusedSyntax[]
export const chance: readonly RefusedSyntax[]
export const environment: readonly RefusedSyntax[]
export const swallowing: readonly RefusedSyntax[]
export const sleeping: readonly RefusedSyntax[]
export const tests: readonly RefusedSyntax[]
