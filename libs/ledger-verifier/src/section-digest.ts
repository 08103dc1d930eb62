import { toBase64Url, utf8, type Sha256 } from './bytes.js'

/** A part of a decision as it is disclosed; the salt keeps its digest from being guessed. */
export interface DisclosedSection {
  /** base64url, at least 128 bits */
  readonly salt: string
  readonly value: unknown
}

export interface SectionHashing {
  readonly sha256: Sha256
  /** RFC 8785 text of a JSON value */
  readonly canonicalJson: (value: unknown) => string
}

/**
 * What the log holds of a section, built as RFC 9901 (SD-JWT) builds a digest: base64url of the SHA-256 of the disclosure,
 * which is the base64url of the canonical JSON text of [salt, name, value].
 */
export function sectionDigest(name: string, section: DisclosedSection, { sha256, canonicalJson }: SectionHashing): string {
  const disclosure = toBase64Url(utf8(canonicalJson([section.salt, name, section.value])))
  return toBase64Url(sha256(utf8(disclosure)))
}
