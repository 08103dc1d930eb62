export function startTcpProxy(options: { readonly to: number }): Promise<{
  readonly port: number
  set(mode: { readonly delayMs?: number; readonly blackhole?: 'up' | 'down'; readonly bytesPerSecond?: number }): void
  lost(): number
  reset(): void
  heal(): void
  stop(): Promise<void>
}>
