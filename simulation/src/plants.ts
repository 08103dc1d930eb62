/** Defects that are planted to try the checker. The checker is not told which, nor that there is one. */
export const plants = ['inbox-off', 'fence-off', 'relay-before-commit', 'balance-check-off', 'receipt-check-off'] as const
export type Plant = (typeof plants)[number]
