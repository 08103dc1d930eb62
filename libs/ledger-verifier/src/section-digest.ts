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
  /** base64url of the SHA-256 of the base64url of a text's UTF-8, from whoever has it in one step */
  readonly disclosureDigest?: ((text: string) => string) | undefined
}

/**
 * What the log holds of a section, built as RFC 9901 (SD-JWT) builds a digest: base64url of the SHA-256 of the disclosure,
 * which is the base64url of the canonical JSON text of [salt, name, value].
 */
export function sectionDigest(name: string, section: DisclosedSection, hashing: SectionHashing): string {
  const text = hashing.canonicalJson([section.salt, name, section.value])
  return hashing.disclosureDigest?.(text) ?? toBase64Url(hashing.sha256(utf8(toBase64Url(utf8(text)))))
}
