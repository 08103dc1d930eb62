import type { Accelerator, Catalog } from './catalog.js'

/** The part with this id, ignoring case. */
export function accelerator(catalog: Catalog, id: string): Accelerator | undefined {
  return catalog.accelerators.get(id.trim().toLowerCase())
}

/** Words in product names that tell no parts apart. */
const NOISE: ReadonlySet<string> = new Set(['tesla', 'geforce', 'instinct', 'gpu', 'hbm2', 'hbm2e', 'hbm3', 'hbm3e'])

/**
 * The strongest part that a loose name can mean: `h100`, `A100-80GB`, `NVIDIA-H100-80GB-HBM3`, `rtx4090`. Where a name
 * covers several parts the one with the highest TPP counts, so that leaving words out never yields a weaker part.
 */
export function highestOfFamily(catalog: Catalog, family: string): string | undefined {
  const words = wordsOf(family).filter((word) => !NOISE.has(word))
  if (words.length === 0) return undefined
  const members = [...catalog.accelerators.values()].filter((part) => {
    const phrases = phrasesOf(part.id)
    return phrases.has(words.join('')) || (words.every((word) => phrases.has(word)) && words.some((word) => /\d/.test(word)))
  })
  members.sort((a, b) => (b.tpp ?? -1) - (a.tpp ?? -1) || (a.id < b.id ? -1 : 1))
  return members[0]?.id
}

const wordsOf = (name: string): string[] => name.toLowerCase().match(/[a-z0-9]+/g) ?? []

/** Every run of neighboring words of an id, written together: `rtx`, `4090`, `rtx4090`, … */
function phrasesOf(id: string): Set<string> {
  const words = wordsOf(id)
  return new Set(words.flatMap((_, start) => words.slice(start).map((_word, length) => words.slice(start, start + length + 1).join(''))))
}
