/**
 * Levels by file name: *.spec.ts does no I/O, *.int.spec.ts has a real PostgreSQL (and Kafka where it says so),
 * *.e2e.spec.ts runs several services. `jest --selectProjects unit|integration|e2e [path]`.
 */
const base = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, useDefineForClassFields: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  // './x.js' in a TypeScript source is './x.ts' on disk
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'] },
  transformIgnorePatterns: ['/node_modules/'],
  modulePathIgnorePatterns: ['/dist/', '/.nx/', '/.weir/', '/lint-proofs/proofs/'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
}
const project = (displayName, testMatch, more = {}) => ({ ...base, displayName, testMatch, ...more })

export default {
  projects: [
    project('unit', ['<rootDir>/{libs,services,tools,infra,bench,chaos}/**/!(*.int|*.e2e).spec.ts']),
    project('integration', ['<rootDir>/{libs,services,bench,chaos}/**/*.int.spec.ts']),
    project('e2e', ['<rootDir>/{e2e,simulation}/**/*.e2e.spec.ts']),
  ],
  testTimeout: 60_000,
}
