// proof: lint/no-restricted-syntax "Use a union of literals"
export enum Color {
  Red = 'red',
}
