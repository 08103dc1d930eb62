import type { Outcome, Reason } from '@weir/contracts'
import type { ToldStep, ToldStory } from './tell.js'

export interface Paint {
  readonly color: boolean
}

const codes: Readonly<Record<Outcome | 'dim' | 'bold', string>> = { approve: '32', hold: '33', deny: '31', dim: '2', bold: '1' }

export const usesColor = (stream: { readonly isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): boolean =>
  stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'

/** Two lines per answer: what and why, then by which rule, its legal status, and where it is recorded. */
export function storyLines(told: ToldStory, number: number, paint: Paint): readonly string[] {
  const style = (text: string, code: keyof typeof codes) => (paint.color ? `\u001b[${codes[code]}m${text}\u001b[0m` : text)
  return [
    style(`${String(number).padStart(2)}. ${told.story.title}`, 'bold'),
    ...told.steps.flatMap((step) => {
      const { outcome, reasons } = step.answer
      const [first] = reasons
      return [
        `    ${style(outcome.toUpperCase().padEnd(7), outcome)} ${first?.sentence ?? ''}`,
        style(`            ${[basisOf(first), recordOf(step)].filter((part) => part !== '').join(' | ')}`, 'dim'),
        ...(step.asExpected ? [] : [`            this demo expected another answer (${first?.code ?? 'no reason'})`]),
      ]
    }),
  ]
}

/** Which rule it rests on, and what kind of rule that is. */
export function basisOf(reason: Reason | undefined): string {
  if (reason?.citation === undefined) return ''
  return `${reason.citation} [${reason.legalStatus ?? 'no legal status'}]`
}

export const recordOf = ({ verified }: ToldStep): string =>
  verified.ok ? `ledger #${verified.index}, receipt verified` : `receipt NOT verified: ${verified.why}`
