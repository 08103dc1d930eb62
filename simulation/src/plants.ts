import { armTestSwitch } from '@weir/messaging'

/** Defects that are planted to try the checker. The checker is not told which, nor that there is one. */
export const plants = [
  'inbox-off',
  'fence-off',
  'offset-before-commit',
  'relay-before-commit',
  'receipt-check-off',
  'index-gap',
  'balance-check-off',
] as const
export type Plant = (typeof plants)[number]

/** What the services ship with (receipt check, index) is switched as a chaos trial switches it; the rest is in the engine and its stores. */
export function armPlant(plant: Plant | undefined): void {
  if (plant !== undefined) armTestSwitch({ NODE_ENV: 'test-chaos', WEIR_TEST_PLANT: plant })
}
