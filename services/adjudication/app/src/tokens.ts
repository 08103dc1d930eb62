export const ADJUDICATION = Symbol('adjudication')
