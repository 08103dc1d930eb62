import type { Answer } from '@weir/contracts'
import { awaitAnswer, sendEvent } from './send-event.js'
import { eventId, stories, type Step, type Story } from './stories.js'
import { verifyAnswer, type Verified } from './verify-answer.js'
import type { WeirClient } from './weir-client.js'

export interface ToldStep {
  readonly answer: Answer
  readonly asExpected: boolean
  readonly verified: Verified
}

export interface ToldStory {
  readonly story: Story
  readonly steps: readonly ToldStep[]
}

export interface Telling {
  /** against which receipts are verified */
  readonly vkey: string
  readonly timeoutMs: number
  onTold(told: ToldStory, number: number): void
}

/** Sends every story's events, one after the other, and waits for each answer. A second telling sends the same events again. */
export async function tellStories(client: WeirClient, telling: Telling): Promise<readonly ToldStory[]> {
  const told: ToldStory[] = []
  for (const story of stories) {
    const steps: ToldStep[] = []
    for (const [index, step] of story.steps.entries()) steps.push(await tellStep(client, step, { ...telling, id: eventId(story, index) }))
    told.push({ story, steps })
    telling.onTold({ story, steps }, told.length)
  }
  return told
}

/** What becomes of one step's event under this id. */
export async function tellStep(
  client: WeirClient,
  step: Step,
  by: { readonly id: string; readonly vkey: string; readonly timeoutMs: number },
): Promise<ToldStep> {
  const requestId = await sendEvent(client, step.event(by.id), `demo-${by.id}`)
  const fits = (answer: Answer) => answer.outcome === step.outcome && answer.reasons[0]?.code === step.code
  const answer = await awaitAnswer(client, requestId, { fits, timeoutMs: by.timeoutMs })
  const entry = await client.must({ path: `/v1/provisioning-requests/${requestId}/entry` })
  const verified = verifyAnswer({ receipt: answer.receipt, entry: entry.text, vkey: by.vkey })
  return { answer, asExpected: fits(answer), verified }
}
