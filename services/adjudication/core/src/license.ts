import type { ClassifiedPart, WhatFacts } from './facts.js'

export interface License {
  readonly licenseId: string
  readonly number: string
  readonly customerId: string
  readonly paragraphs: readonly ('3A090.a' | '3A090.b')[]
  /** empty: every model of these paragraphs */
  readonly models: readonly string[]
  /** accelerators that this request may still draw, what it holds already included */
  readonly available: number
  /** RFC 3339, UTC; valid from the first instant up to, not including, the last */
  readonly validFrom: string
  readonly validTo: string
}

export interface LicenseDraw {
  readonly licenseId: string
  readonly number: string
  readonly quantity: number
}

export type LicenseAnswer =
  | { readonly kind: 'covers'; readonly draw: LicenseDraw }
  | { readonly kind: 'exhausted'; readonly number: string; readonly needed: number; readonly available: number }
  | { readonly kind: 'none' }

export interface LicenseAsk {
  readonly customerId: string | undefined
  readonly what: WhatFacts
  readonly licenses: readonly License[]
  /** RFC 3339, UTC */
  readonly now: string
}

/** The license that covers every controlled part of the ask; among several the one that ends first. */
export function licenseFor({ customerId, what, licenses, now }: LicenseAsk): LicenseAnswer {
  const parts = controlledParts(what)
  if (customerId === undefined || parts === undefined || parts.length === 0) return { kind: 'none' }
  const needed = Math.ceil(parts.reduce((sum, part) => sum + part.count, 0))
  const fitting = licenses
    .filter(
      (license) =>
        license.customerId === customerId && instant(license.validFrom) <= instant(now) && instant(now) < instant(license.validTo),
    )
    .filter((license) => parts.every((part) => covers(license, part)))
    .sort((a, b) => instant(a.validTo) - instant(b.validTo) || (a.licenseId < b.licenseId ? -1 : 1))
  const chosen = fitting.find((license) => license.available >= needed)
  if (chosen) return { kind: 'covers', draw: { licenseId: chosen.licenseId, number: chosen.number, quantity: needed } }
  const [first] = fitting
  return first ? { kind: 'exhausted', number: first.number, needed, available: first.available } : { kind: 'none' }
}

/** undefined: some part's paragraph is not known, so nothing can be said to cover it */
function controlledParts(what: WhatFacts): readonly ClassifiedPart[] | undefined {
  if (what.resolution === undefined || what.paragraph === undefined || what.parts === undefined) return undefined
  if (what.parts.some((part) => part.paragraph === 'unknown')) return undefined
  return what.parts.filter((part) => part.paragraph !== 'none')
}

const covers = (license: License, part: ClassifiedPart): boolean =>
  license.paragraphs.some((paragraph) => paragraph === part.paragraph) &&
  (license.models.length === 0 || license.models.includes(part.model))

/** Milliseconds of an RFC 3339 instant in UTC, by its fixed digits. */
function instant(text: string): number {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?Z$/.exec(text)
  if (!match) throw new TypeError(`not an instant in UTC: ${text}`)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0))
  return ((((year * 12 + month) * 31 + day) * 24 + hour) * 60 + minute) * 60_000 + (second + Number(match[7] ?? 0)) * 1000
}
