import type { Environment } from './access.js'

/** What the command line touches of its process. */
export interface Terminal {
  readonly env: Environment
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly stdin: () => Promise<string>
  readonly fetch?: typeof fetch | undefined
  readonly pause?: ((milliseconds: number) => Promise<void>) | undefined
}
