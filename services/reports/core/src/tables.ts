import { canonicalJson } from '@weir/kernel'
import { csvText } from './csv.js'
import { at, legalStatusOf, outcomeOf, textAt, type DecisionRecord } from './decision-record.js'

/** What a report says about itself. */
export interface ReportHead {
  readonly reportId: string
  readonly template: 'decisions'
  readonly from: string
  readonly to: string
  /** name of the log */
  readonly origin: string
  /** The report holds the decisions of the period among the first so many entries of the log. */
  readonly logSize: number
}

export function reportJson(head: ReportHead, records: readonly DecisionRecord[]): string {
  const decisions = records.map((record) => ({
    index: record.index,
    requestId: record.requestId,
    revision: record.revision,
    decidedAt: record.decidedAt,
    recordedAt: record.recordedAt,
    outcome: outcomeOf(record),
    legalStatus: legalStatusOf(record),
  }))
  return `${canonicalJson({ v: 1, ...head, count: records.length, decisions })}\n`
}

export const decisionsNdjson = (records: readonly DecisionRecord[]): string =>
  records
    .map(({ requestId, revision, decidedAt, recordedAt, index, sections }) => {
      return `${canonicalJson({ requestId, revision, decidedAt, recordedAt, index, sections })}\n`
    })
    .join('')

export const COLUMNS = [
  'index',
  'decided_at',
  'recorded_at',
  'request_id',
  'revision',
  'outcome',
  'legal_status',
  'reason_code',
  'reason',
  'citation',
  'customer',
  'tenant_system',
  'tenant_id',
  'headquarters',
  'skus',
  'paragraph',
  'training',
  'region',
  'country',
  'delivery',
  'license',
  'proposed_by',
  'approved_by',
] as const

export const decisionsCsv = (records: readonly DecisionRecord[]): string => csvText([COLUMNS, ...records.map(row)])

function row(record: DecisionRecord): (string | number | undefined)[] {
  const { sections } = record
  const value = (section: string, ...path: readonly (string | number)[]) => textAt(sections, section, 'value', ...path)
  const reason = (name: string) => value('outcome', 'reasons', 0, name)
  return [
    record.index,
    record.decidedAt,
    record.recordedAt,
    record.requestId,
    record.revision,
    outcomeOf(record),
    legalStatusOf(record),
    reason('code'),
    reason('sentence'),
    reason('citation'),
    value('who', 'name'),
    value('who', 'tenantRef', 'system'),
    value('who', 'tenantRef', 'id'),
    value('who', 'headquarters'),
    skusOf(at(sections, 'what', 'value', 'skus')),
    value('what', 'paragraph'),
    value('what', 'trainingLevel'),
    value('where', 'region'),
    value('where', 'country'),
    value('where', 'delivery'),
    value('license', 'licenseId'),
    value('people', 'proposedBy'),
    value('people', 'approvedBy'),
  ]
}

function skusOf(skus: unknown): string {
  if (!Array.isArray(skus)) return ''
  return skus.map((sku: unknown) => `${textAt(sku, 'count') ?? '?'} x ${textAt(sku, 'raw') ?? '?'}`).join('; ')
}
