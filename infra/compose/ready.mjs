/** `node ready.mjs PORT`: succeeds when the service at this port of the container may be given work, else says why not. */
const [port] = process.argv.slice(2)
try {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(4_000) })
  process.stdout.write(`${await response.text()}\n`)
  process.exitCode = response.ok ? 0 : 1
} catch (error) {
  process.stdout.write(`nothing answers at port ${port}: ${error.message}\n`)
  process.exitCode = 1
}
