import type { ToldStory } from './tell.js'
import { basisOf, recordOf } from './story-lines.js'

export interface PageContent {
  readonly url: string
  readonly vkey: string
  readonly told: readonly ToldStory[]
  /** file of the report and what verifying it gave; absent: none was made */
  readonly report?: { readonly file: string; readonly verified: string }
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.5rem;border-bottom:1px solid #d5dbe3}
small,code{color:#4a5868}code{overflow-wrap:anywhere}.approve{color:#116329}.hold{color:#7a4d00}.deny{color:#a40e26}
@media(prefers-color-scheme:dark){body{color:#e2e8f0;background:#10151c}th,td{border-color:#2c3542}small,code{color:#a3b1c2}
a{color:#8ab4f8}.approve{color:#5fd38d}.hold{color:#f0b44c}.deny{color:#ff8a8a}}`

/** What the stories came to, as one page without scripts. */
export function renderPage(content: PageContent): string {
  const rows = content.told.flatMap((told, index) =>
    told.steps.map((step, at) => row({ told, step, number: at === 0 ? index + 1 : undefined })),
  )
  const report =
    content.report === undefined ? '' : `<p>Report: <code>${escaped(content.report.file)}</code> (${escaped(content.report.verified)})</p>`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Weir</title><style>${style}</style></head>
<body><h1>Weir</h1>
<p>Weir decides whether the export-control rules allow a cloud provider to hand out advanced AI compute, and proves afterwards what it decided and why.
All customers and listed parties here are invented.</p>
<table><thead><tr><th>#</th><th>What was asked</th><th>Answer</th><th>Why</th><th>Record</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>
${report}
<p><a href="/openapi.json">OpenAPI</a>, <a href="/asyncapi.json">AsyncAPI</a>, <a href="/ledger/checkpoint">ledger checkpoint</a>.
Receipts and entries are read with an API key.</p>
<p>The ledger's key: <code>${escaped(content.vkey)}</code></p>
</body></html>
`
}

function row(of: { readonly told: ToldStory; readonly step: ToldStory['steps'][number]; readonly number: number | undefined }): string {
  const { id, outcome, reasons } = of.step.answer
  const [first] = reasons
  const links = ['receipt', 'entry'].map((part) => `<a href="/v1/provisioning-requests/${escaped(id)}/${part}">${part}</a>`)
  return `<tr><td>${of.number ?? ''}</td><td>${of.number === undefined ? '' : escaped(of.told.story.title)}</td>
<td class="${outcome}"><strong>${outcome}</strong></td><td>${escaped(first?.sentence ?? '')}<br><small>${escaped(basisOf(first))}</small></td>
<td>${escaped(recordOf(of.step))}<br><small>${links.join(', ')}</small></td></tr>`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign)
