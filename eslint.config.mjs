import comments from '@eslint-community/eslint-plugin-eslint-comments/configs'
import js from '@eslint/js'
import tseslint from 'typescript-eslint'
import { weir } from './tools/lint-rules/plugin.mjs'
import { chance, environment, everywhere, sleeping, swallowing, tests } from './tools/lint-rules/syntax.mjs'

const cores = ['libs/{kernel,ledger-verifier,catalog}/src/**/*.ts', 'services/*/core/src/**/*.ts']
const specs = ['**/*.spec.ts', '**/*.features.ts', '**/test/**/*.ts', 'libs/testing/**/*.ts', 'e2e/**/*.ts']
/** May read process.env. */
const settings = ['**/config.ts', '**/main.ts', 'libs/{service-host,sdk,persistence}/**/*.ts', 'tools/**/*.ts', 'bench/**/*.ts', ...specs]
/** May catch: the edges, where a fault is turned into an answer, a retry or a log line. */
const edges = [
  'libs/{messaging,service-host,persistence,sdk,launch}/**/*.ts',
  'services/*/app/src/{inbound,outbound,store}/**/*.ts',
  'services/embedded/**/*.ts',
  'simulation/src/engine/**/*.ts',
  '**/main.ts',
  'tools/**/*.ts',
  'bench/**/*.ts',
  ...specs,
]

const restrict = (...groups) => ({ 'no-restricted-syntax': ['error', ...groups.flat()] })

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.nx/**',
      '.weir/**',
      'services/console/**',
      'libs/contracts/published/**',
      'tools/lint-proofs/proofs/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  comments.recommended,
  { plugins: { weir }, rules: { 'weir/named-path': 'error', 'weir/kebab-case-file': 'error', 'weir/index-is-the-door': 'error' } },
  {
    rules: {
      '@eslint-community/eslint-comments/require-description': ['error', { ignore: ['eslint-enable'] }],
      'no-unused-vars': ['error', { varsIgnorePattern: '^_+$', argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'anywhere' }],
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'Buffer',
          'URL',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
          'fetch',
          'performance',
          'AbortSignal',
          'module',
          'structuredClone',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { allowDefaultCaseForExhaustiveSwitch: false }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/max-params': ['error', { max: 3 }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_+$', argsIgnorePattern: '^_', ignoreRestSiblings: true, caughtErrors: 'all' },
      ],
      // A port may be asynchronous where its fake is not.
      '@typescript-eslint/require-await': 'off',
      // Ports are interfaces in method form, and are taken apart without harm: they are implemented by closures.
      '@typescript-eslint/unbound-method': 'off',
      // Refusing control characters needs naming them.
      'no-control-regex': 'off',
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: false, skipComments: false }],
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^@weir/[^/]+/', message: 'A project has one door: import the package.' }] },
      ],
      ...restrict(everywhere, environment, swallowing, tests),
    },
  },
  { files: cores, rules: restrict(everywhere, environment, swallowing, tests, chance) },
  { files: settings, rules: restrict(everywhere, swallowing, tests) },
  { files: edges, rules: restrict(everywhere, environment, tests) },
  {
    files: ['libs/{service-host,sdk}/**/*.ts', '**/main.ts', 'tools/**/*.ts', 'bench/**/*.ts', ...specs],
    rules: restrict(everywhere, tests),
  },
  { files: specs, ignores: ['libs/testing/**'], rules: restrict(everywhere, tests, sleeping) },
  // Nest passes these by decorator, so that their order cannot be mistaken.
  { files: ['services/*/app/src/inbound/**/*.ts'], rules: { '@typescript-eslint/max-params': ['error', { max: 6 }] } },
  {
    // A suite is one function of many short ones; `it.each` passes a row by position; expect.any() is any.
    files: specs,
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/max-params': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
    },
  },
)
