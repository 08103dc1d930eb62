/** The walls between the parts. Each has a deliberate violation in tools/lint-proofs that must be caught. */

const spec = '\\.(spec|features)\\.ts$|/test/'
const project = 'libs/[^/]+|services/[^/]+/(?:core|app)|services/embedded|demo'
const around = 'e2e|bench|infra|tools'

const wall = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

module.exports = {
  forbidden: [
    wall('no-circular', 'A cycle has no order of understanding.', {}, { circular: true }),
    wall('no-unresolvable', 'An import that resolves to nothing fails at run time only.', {}, { couldNotResolve: true }),
    wall(
      'one-door',
      'A project is imported as a package, through its index.ts.',
      { path: `^(${project}|${around})/` },
      { path: `^(?:${project})/`, pathNot: ['^$1/', '/src/index\\.ts$'] },
    ),
    wall(
      'core-is-pure',
      'A core imports its own files and the pure libraries: no package, no node:, no contract.',
      { path: '^services/([^/]+)/core/src/', pathNot: spec },
      { pathNot: '^services/$1/core/src/|^libs/(kernel|ledger-verifier|catalog)/src/' },
    ),
    wall(
      'kernel-imports-nothing',
      'The bottom of the graph: the kernel and the proof checker depend on nothing.',
      { path: '^libs/(kernel|ledger-verifier)/src/', pathNot: spec },
      { pathNot: '^libs/$1/src/' },
    ),
    wall(
      'catalog-imports-kernel-only',
      'The catalog is used by cores, so it is as pure as they are.',
      { path: '^libs/catalog/src/', pathNot: spec },
      { pathNot: '^libs/(catalog|kernel)/src/' },
    ),
    wall(
      'contracts-import-zod-only',
      'Contracts are what services share about each other, so they know none of them.',
      { path: '^libs/contracts/src/', pathNot: spec },
      { pathNot: '^libs/contracts/src/|(^|/)node_modules/zod/' },
    ),
    wall(
      'service-imports-only-itself',
      'Services know each other through events, never through code.',
      { path: '^services/(?!embedded/)([^/]+)/' },
      { path: '^(services|demo)/', pathNot: '^services/$1/' },
    ),
    wall('library-imports-no-service', 'Libraries are below services.', { path: '^libs/' }, { path: '^(services|demo)/' }),
    wall('demo-imports-no-service', 'The stories are told to any installation: over HTTP.', { path: '^demo/' }, { path: '^services/' }),
    wall(
      'product-imports-no-tool',
      'What is around the product is not shipped with it.',
      { path: `^(${project})/`, pathNot: spec },
      { path: `^(${around})/` },
    ),
    wall(
      'use-cases-know-no-framework',
      'A use case sees its ports: no framework, no database library, no edge.',
      { path: '^services/[^/]+/app/src/use-cases/', pathNot: spec },
      { path: 'node_modules/(@nestjs|typeorm|kafkajs|pg|express|rxjs)/|^services/[^/]+/app/src/(store|inbound)/' },
    ),
    wall(
      'nest-in-inbound-only',
      'Nest wires a service and takes what comes in; the rest has plain constructors.',
      { path: '^services/[^/]+/app/src/', pathNot: `/(inbound|use-cases)/|\\.module\\.ts$|${spec}` },
      { path: 'node_modules/@nestjs/' },
    ),
    wall(
      'database-in-store-only',
      'SQL and what it needs is one folder of a service.',
      { path: '^services/[^/]+/app/src/', pathNot: `/(store|use-cases)/|\\.module\\.ts$|${spec}` },
      { path: 'node_modules/(typeorm|pg)/' },
    ),
    wall(
      'rows-stay-in-store',
      'The shape of a table changes for reasons of its own.',
      { pathNot: '/store/|\\.module\\.ts$' },
      { path: '\\.row\\.ts$' },
    ),
    wall(
      'kafkajs-in-messaging-only',
      'The client can be replaced because one library knows it.',
      { path: `^(${project}|${around})/`, pathNot: '^libs/messaging/' },
      { path: 'node_modules/kafkajs/' },
    ),
    wall(
      'test-kit-in-tests-only',
      'What tests use is not shipped.',
      { path: `^(${project}|bench|infra|tools)/`, pathNot: `^libs/testing/|${spec}` },
      { path: '^libs/testing/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Ours only: packages of others often lie in a dist/ of theirs, and what is excluded is seen by no wall.
    exclude: { path: `^(${project})/dist/|^services/console/|^tools/lint-proofs/proofs/` },
    // Type imports are dependencies too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
}
