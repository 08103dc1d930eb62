/** Letters that no Unicode decomposition takes apart, as they are commonly written without their strokes. */
const plainLetters: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  ς: 'σ',
}

/**
 * The form in which two spellings of one name are equal: compatibility decomposition, case folded, no diacritics, no
 * punctuation, single spaces, `&` as `and`, initials joined (`S.A.`, `S A` and `SA` agree). Legal forms stay: `Co Ltd` and
 * `Inc` are two names. Marks that are vowels of their script (Devanagari, Thai, …) stay too. May be empty.
 */
export function normalizeName(name: string): string {
  const words = name
    .normalize('NFKD')
    // Down first: only the small ß becomes SS.
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\p{Mn}&&[\p{Script=Inherited}\p{Script=Hebrew}]]/gv, '')
    .replace(/[øłđðħæœþς]/gu, (letter) => plainLetters[letter] ?? letter)
    .replaceAll('&', ' and ')
    .replace(/[\p{Cf}'’‘ʼ`´]/gu, '')
    .replace(/[\p{P}\p{S}\p{Z}\p{Cc}]+/gu, ' ')
    .split(' ')
    .filter((word) => word !== '')
  return joinInitials(words).join(' ')
}

function joinInitials(words: readonly string[]): string[] {
  const joined: string[] = []
  let previousWasInitial = false
  for (const word of words) {
    const initial = /^[a-z]$/.test(word)
    if (initial && previousWasInitial) joined[joined.length - 1] += word
    else joined.push(word)
    previousWasInitial = initial
  }
  return joined
}
