/** What a service is told in its settings file: nothing of another service, no right to change a schema. */
export function settingsOf(service, known) {
  const upper = service.toUpperCase()
  return {
    [`WEIR_DATABASE_URL_${upper}`]: known.url,
    WEIR_INTERNAL_TOKEN: known.internalToken,
    // those who check receipts
    ...(service === 'gateway' || service === 'reports' ? { [`WEIR_${upper}_LEDGER_VKEY`]: known.vkey } : {}),
  }
}
