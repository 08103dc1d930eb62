import { UNSPECIFIED_PROVIDER } from './catalog.js'

/** Key of a name of a provider in every index of the catalog. */
export const nameKey = (provider: string, name: string): string => `${provider.trim().toLowerCase()} ${name.trim().toLowerCase()}`

/**
 * The machine name in what a platform wrote: without a URL path (`zones/us-central1-a/machineTypes/a3-highgpu-8g`),
 * the AWS service prefixes `ml.` and `db.`, and the `$_…` suffix of flexible OCI shapes. Lower case.
 */
export function skuName(provider: string | undefined, raw: string): string {
  const lower = raw.trim().toLowerCase()
  // only a machine type's own path: the last word of `vendor.example/gpu` alone would mean something else
  const isPath = (provider === 'gcp' && !lower.includes(' / ')) || lower.includes('/machinetypes/') || lower.startsWith('machinetypes/')
  const last = isPath ? lower.slice(lower.lastIndexOf('/') + 1) : lower
  const bare = last.replace(/\$_.*$/, '')
  return provider === undefined || provider === UNSPECIFIED_PROVIDER || provider.trim().toLowerCase() === 'aws'
    ? bare.replace(/^(?:ml|db)\./, '')
    : bare
}

/** A pattern of the SKU table: `*` is any text, `[…]` a class, nothing else is special. Over the whole name, in lower case. */
export function patternToRegExp(pattern: string): RegExp {
  const parts = pattern.toLowerCase().match(/\*|\[[^\]]+\]|[^*[]+|\[/g) ?? []
  const source = parts.map((part) => {
    if (part === '*') return '.*'
    return part.length > 2 && part.startsWith('[') ? part : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${source.join('')}$`)
}
