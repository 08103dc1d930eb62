import { writePrivate, type Home } from '@weir/launch'
import { makeReport } from './make-report.js'
import { renderPage } from './page.js'
import { seedWorld } from './seed.js'
import { storyLines } from './story-lines.js'
import { tellStories } from './tell.js'
import type { WeirClient } from './weir-client.js'

export interface DemoRun {
  readonly client: WeirClient
  readonly home: Home
  readonly vkey: string
  readonly color: boolean
  say(line: string): void
}

/** A first answer may have to wait for the rest of the system to warm up. */
const ANSWER_WITHIN_MS = 20_000

/** Seeds the demo world, tells the stories, makes and verifies a report of them, writes the page. False: something came out otherwise. */
export async function runDemo(run: DemoRun): Promise<boolean> {
  const { client, home, vkey, color, say } = run
  const seeded = await seedWorld(client)
  if (seeded.customers + seeded.licenses > 0)
    say(`Seeded ${counted(seeded.customers, 'demo customer')} and ${counted(seeded.licenses, 'license')}.`)
  say('')
  const told = await tellStories(client, {
    vkey,
    timeoutMs: ANSWER_WITHIN_MS,
    onTold: (story, number) => storyLines(story, number, { color }).forEach(say),
  })
  const report = await makeReport(client, { home, vkey })
  say('')
  say(`Report of these decisions: ${report.file}: ${report.verified}`)
  writePrivate(home.page, renderPage({ url: client.access.url, vkey, told, report }))
  const steps = told.flatMap((story) => story.steps)
  return steps.every((step) => step.asExpected && step.verified.ok)
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
