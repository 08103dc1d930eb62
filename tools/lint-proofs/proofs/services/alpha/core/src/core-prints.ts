// proof: core-wall/TS2584
export const print = (text: string): void => console.log(text)
