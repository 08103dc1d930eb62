interface Sent {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export function openLoop(load: {
  readonly url: string
  readonly rate: number
  readonly seconds: number
  readonly send: (n: number) => Sent
  readonly warmUpSeconds?: number
  readonly giveUpAt?: number
  readonly mark?: () => object
}): Promise<{
  readonly rate: number
  readonly seconds: number
  readonly requests: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  readonly achieved: number
  readonly answers: Readonly<Record<string, number>>
  readonly underWay: readonly number[]
  readonly sentLate: { readonly p50: number; readonly p99: number; readonly max: number }
  readonly gaveUp: boolean
  readonly marks: readonly { readonly answered: number; readonly at: number }[]
}>
