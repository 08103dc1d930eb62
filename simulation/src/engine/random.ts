/** All chance of a run: the same seed yields the same run. sfc32, seeded through splitmix32. */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number) {
    let state = seed >>> 0
    const split = (): number => {
      state = (state + 0x9e3779b9) | 0
      let mixed = state ^ (state >>> 16)
      mixed = Math.imul(mixed, 0x21f0aaad)
      mixed ^= mixed >>> 15
      mixed = Math.imul(mixed, 0x735a2d97)
      return mixed ^ (mixed >>> 15)
    }
    this.#a = split()
    this.#b = split()
    this.#c = split()
    for (let n = 0; n < 12; n++) this.word()
  }

  /** 32 bits */
  word(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    this.#c |= 0
    return sum >>> 0
  }

  /** 0 up to, not including, `below` */
  int(below: number): number {
    return Math.floor((this.word() / 4294967296) * below)
  }

  chance(probability: number): boolean {
    return probability > 0 && this.word() / 4294967296 < probability
  }

  pick<T>(from: readonly [T, ...T[]]): T
  pick<T>(from: readonly T[]): T | undefined
  pick<T>(from: readonly T[]): T | undefined {
    return from[this.int(from.length)]
  }

  uuid(): string {
    for (let at = 0; at < 16; at += 4) letters.writeUInt32BE(this.word(), at)
    const hex = letters.toString('hex', 0, 16)
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  }

  /** 16 bytes, base64url */
  salt(): string {
    let at = 0
    for (let n = 0; n < 4; n++) {
      const word = this.word()
      for (let shift = 0; shift < 30; shift += 6) letters[at++] = ALPHABET.charCodeAt((word >>> shift) & 63)
    }
    letters[at++] = ALPHABET.charCodeAt(0)
    letters[at++] = ALPHABET.charCodeAt(this.int(4) * 16)
    return letters.toString('latin1', 0, at)
  }
}

/** of the text that is being made */
const letters = Buffer.alloc(22)

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
