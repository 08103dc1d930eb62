import type { Home } from './home.js'

/** The services' own configuration keys for an installation in one home. */
export function serviceEnvironment(home: Home, vkey: string): Record<string, string> {
  return {
    WEIR_GATEWAY_KEYS_FILE: home.apiKeys,
    WEIR_GATEWAY_LEDGER_VKEY: vkey,
    WEIR_GATEWAY_PAGE_FILE: home.page,
    WEIR_LEDGER_KEY_FILE: home.ledgerKey,
    WEIR_LEDGER_DIR: home.ledger,
    WEIR_REPORTS_LEDGER_VKEY: vkey,
  }
}
