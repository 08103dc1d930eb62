/** Holds the installed packages of this checkout in /weir. */
export const installedImage = 'weir-offline/installed:latest'

/** The steps of infra/images/Dockerfile that reach a registry, and what stands for each. */
const replacements = [
  ['FROM ${NODE_IMAGE} AS compiled', `FROM ${installedImage} AS compiled`],
  ['RUN npm ci --include=dev --ignore-scripts --loglevel=error\n', ''],
  ['FROM ${NODE_IMAGE} AS packages', `FROM ${installedImage} AS packages`],
  [
    'RUN npm ci --omit=dev --omit=optional --ignore-scripts --loglevel=error && npm cache clean --force',
    'RUN npm prune --omit=dev --omit=optional --ignore-scripts --offline --loglevel=error',
  ],
]

/** The Dockerfile whose packages come from an image instead of a registry; all else is as it is written. */
export function offlineDockerfile(text) {
  const offline = replacements.reduce((current, [from, to]) => {
    if (current.split(from).length !== 2) throw new Error(`infra/images/Dockerfile has not exactly one: ${from.trim()}`)
    return current.replace(from, () => to)
  }, text)
  const fetching = /^RUN .*\b(npm (ci|install)|apt-get|curl|wget)\b.*$/m.exec(offline)
  if (fetching !== null) throw new Error(`infra/images/Dockerfile fetches something more: ${fetching[0]}`)
  return offline
}
