import { randomBytes } from 'node:crypto'

/**
 * The superuser's URL of a PostgreSQL in a container of its own. It ends with this process: by Ryuk, the container of
 * testcontainers that watches it; where TESTCONTAINERS_RYUK_DISABLED is set, whoever set it removes what is left.
 */
export async function startPostgresContainer(): Promise<string> {
  const { GenericContainer, Wait } = await import('testcontainers')
  const image = process.env['WEIR_POSTGRES_IMAGE'] ?? 'postgres:18.4-bookworm'
  const password = randomBytes(24).toString('base64url')
  const fast = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200']
  const container = await new GenericContainer(image)
    .withExposedPorts(5432)
    .withEnvironment({ POSTGRES_PASSWORD: password })
    .withCommand(['postgres', ...fast.flatMap((setting) => ['-c', setting])])
    // Over TCP: while the image sets the database up, the server listens on a socket only.
    .withWaitStrategy(Wait.forSuccessfulCommand('pg_isready --quiet --host=127.0.0.1 --username=postgres'))
    .withStartupTimeout(120_000)
    .start()
  return `postgres://postgres:${password}@${container.getHost()}:${container.getMappedPort(5432)}/postgres`
}
