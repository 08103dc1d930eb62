import type { Answer } from '@weir/contracts'
import type { StoryEvent } from './story-events.js'
import { member, type WeirClient } from './weir-client.js'

/** Sends an event under an idempotency key and returns the id of its request. */
export async function sendEvent(client: WeirClient, event: StoryEvent, key: string): Promise<string> {
  const headers = { 'idempotency-key': key, prefer: 'wait=10' }
  if (event.via === 'decide') {
    const reply = await client.must({ method: 'POST', path: '/v1/provisioning-requests:decide', body: event.body, headers })
    return idOf(reply.json, reply.text)
  }
  const type = event.via === 'cloudevents' ? { 'content-type': 'application/cloudevents+json' } : {}
  const path = `/v1/sources/${event.via}/events`
  const reply = await client.must({ method: 'POST', path, body: event.body, headers: { ...headers, ...type } })
  const [result] = listOf(member(reply.json, 'results'))
  const [request] = listOf(member(result, 'requests'))
  return idOf(request, reply.text)
}

/** The answer as soon as `fits` says so, else the newest one when the time is up. */
export async function awaitAnswer(
  client: WeirClient,
  id: string,
  wait: { readonly fits: (answer: Answer) => boolean; readonly timeoutMs: number },
): Promise<Answer> {
  const end = Date.now() + wait.timeoutMs
  let newest: Answer | undefined
  for (;;) {
    const reply = await client.must({ path: `/v1/provisioning-requests/${id}` })
    if (reply.status === 200) newest = reply.json as Answer
    if (newest !== undefined && wait.fits(newest)) return newest
    if (Date.now() > end) break
    await new Promise((next) => setTimeout(next, 50))
  }
  if (newest === undefined) throw new Error(`request ${id} has no recorded decision after ${wait.timeoutMs} ms`)
  return newest
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function idOf(value: unknown, text: string): string {
  const id = member(value, 'id')
  if (typeof id === 'string' && id !== '') return id
  throw new Error(`no request was accepted: ${text.slice(0, 500)}`)
}
