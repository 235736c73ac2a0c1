import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

// The rooms in which nothing may know the time, the dice or the process: what they compute follows from their arguments.
const PURE_ROOMS = [
  'domain',
  'frame',
  'workers',
  'exchange',
  'market',
  'indicators',
  'strategy',
  'risk',
  'broker',
  'engine',
]
// Where sockets are waited for: their timeouts are real, and a server has to read a real clock somewhere.
const SOCKET_FILES = ['src/exchange/ccxt/**/*.ts', 'src/exchange/simulator/**/*.ts', 'src/market/fetcher.ts']

const inject = what => `${what} comes in as an argument here, so that the same inputs always give the same outcome.`
const globals = (message, names) => names.map(name => ({ name, message }))
const TIMERS = ['setTimeout', 'setInterval', 'setImmediate']

const ambientGlobals = [
  ...globals(inject('A clock with timers'), TIMERS),
  ...globals(inject('The process'), ['process', 'globalThis', 'global']),
  ...globals(inject('The network'), ['fetch', 'WebSocket']),
  ...globals(inject('A clock'), ['performance']),
]
const ambientProperties = [
  { object: 'Date', property: 'now', message: inject('A clock') },
  { object: 'Math', property: 'random', message: inject('Randomness') },
  { object: 'crypto', property: 'randomUUID', message: inject('Randomness') },
  { object: 'crypto', property: 'getRandomValues', message: inject('Randomness') },
]
const realTimeout = { object: 'AbortSignal', property: 'timeout', message: inject('A clock with timers') }
const ambientModules = [
  ...['node:timers', 'node:timers/promises', 'node:process', 'node:perf_hooks'].map(name => ({
    name,
    message: inject('What this module offers'),
  })),
  { name: 'node:crypto', importNames: ['randomUUID', 'randomBytes', 'randomInt'], message: inject('Randomness') },
]

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Export by name: the importer then says what it gets.',
}
const noReExport = {
  selector: ':matches(ExportAllDeclaration, ExportNamedDeclaration[source])',
  message: 'No barrels: import from the file that has it. The public entry is src/index.ts.',
}
const noWallTime = { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: inject('A clock') }
const tooNewForOldNode = [
  'ChainExpression',
  'LogicalExpression[operator="??"]',
  'AssignmentExpression[operator=/^(\\?\\?|\\|\\||&&)=$/]',
  'PrivateIdentifier',
  'Program > ExpressionStatement > AwaitExpression',
  'ImportDeclaration[source.value=/^node:/]',
].map(selector => ({ selector, message: 'Node 12 must be able to parse this file, or the version check never runs.' }))

const everywhere = {
  eqeqeq: 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'object-shorthand': 'error',
  'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'] }],
  'no-implicit-coercion': 'error',
}

const typed = {
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/no-non-null-assertion': 'error',
  '@typescript-eslint/no-floating-promises': [
    'error',
    {
      // node:test reports these itself; the promise is only for those who nest.
      allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] }],
    },
  ],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/only-throw-error': 'error',
  '@typescript-eslint/prefer-readonly': 'error',
  '@typescript-eslint/promise-function-async': 'off',
  // A port may be asynchronous where one adapter has nothing to wait for.
  '@typescript-eslint/require-await': 'off',
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
  '@typescript-eslint/restrict-template-expressions': [
    'error',
    { allowNumber: true, allowBoolean: true, allowNullish: false },
  ],
}

export default defineConfig(
  globalIgnores(['dist/', 'dist-*/', 'data/', 'coverage/', 'bench/results/']),
  { linterOptions: { noInlineConfig: true } },
  { rules: everywhere },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: typed,
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-console': 'error',
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 75, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': ['error', noDefaultExport, noReExport],
    },
  },
  {
    files: PURE_ROOMS.map(room => `src/${room}/**/*.ts`),
    rules: {
      'no-restricted-globals': ['error', ...ambientGlobals],
      'no-restricted-properties': ['error', ...ambientProperties, realTimeout],
      'no-restricted-imports': ['error', { paths: ambientModules }],
      'no-restricted-syntax': ['error', noDefaultExport, noReExport, noWallTime],
    },
  },
  {
    files: SOCKET_FILES,
    rules: {
      'no-restricted-globals': [
        'error',
        ...ambientGlobals.filter(({ name }) => ![...TIMERS, 'fetch', 'performance'].includes(name)),
      ],
      'no-restricted-properties': ['error', ...ambientProperties],
      'no-restricted-imports': 'off',
    },
  },
  // The main file of a worker process: its parent is reached through `process` and nothing else.
  { files: ['src/workers/process-entry.ts'], rules: { 'no-restricted-globals': 'off' } },
  {
    // Typed arrays read inside their bounds on the hot path: a check per row there costs what the whole loop costs.
    files: ['frame', 'indicators', 'engine', 'backtest']
      .map(room => `src/${room}/**/*.ts`)
      .concat('src/market/{chunk-codec,packed-chunk,bit-lanes}.ts', 'bench/**/*.ts'),
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  { files: ['src/cli/**/*.ts'], rules: { 'no-console': 'off' } },
  { files: ['src/index.ts'], rules: { 'no-restricted-syntax': ['error', noDefaultExport] } },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  {
    files: ['bin/*.js'],
    rules: { 'no-restricted-syntax': ['error', ...tooNewForOldNode], 'object-shorthand': 'off' },
  },
  {
    files: ['**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } },
    rules: { 'no-unused-vars': ['error', { caughtErrorsIgnorePattern: '^_' }] },
  },
)
