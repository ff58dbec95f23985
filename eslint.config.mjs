import tseslint from 'typescript-eslint';

/** What each folder may import of ours. Arrows run main → cli → controller → mirror → api; see docs/design.md. */
const arrows = {
  api: [],
  runtime: [],
  kubernetes: [],
  mirror: ['api'],
  modelarts: ['api', 'runtime'],
  simulator: ['api', 'runtime'],
  observability: ['api', 'runtime'],
  controller: ['mirror', 'api', 'runtime'],
  cli: ['controller', 'mirror', 'modelarts', 'kubernetes', 'observability', 'simulator', 'api', 'runtime'],
};
const folders = Object.keys(arrows);

const clockRule =
  'Time and chance come from the Runtime port (src/runtime/clock.ts), so that tests can move them.';
const noDirectTime = {
  'no-restricted-globals': [
    'error',
    ...['setTimeout', 'setInterval', 'setImmediate', 'performance', 'fetch'].map((name) => ({
      name,
      message: clockRule,
    })),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: clockRule },
    { object: 'Math', property: 'random', message: clockRule },
    { object: 'AbortSignal', property: 'timeout', message: clockRule },
    {
      object: 'process',
      property: 'exit',
      message: 'Only main.ts ends the process; throw or set an exit code instead.',
    },
    {
      object: 'process',
      property: 'env',
      message: 'The environment is read and validated once, in main.ts.',
    },
  ],
  'no-restricted-syntax': [
    'error',
    { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: clockRule },
    { selector: 'TSEnumDeclaration', message: 'Use a union of literals: enums do not erase.' },
  ],
};

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '.cache/', 'node_modules/'] },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
    },
  },
  { files: ['src/**/*.ts'], ignores: ['src/runtime/system.ts', 'src/main.ts'], rules: noDirectTime },
  ...folders.map((folder) => ({
    files: [`src/${folder}/**/*.ts`],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [
                '**/main.ts',
                ...folders
                  .filter((f) => f !== folder && !arrows[folder].includes(f))
                  .map((f) => `../**/${f}/**`),
              ],
              message: `src/${folder} may import of ours only: ${arrows[folder].join(', ') || 'nothing'}.`,
            },
            ...(folder === 'runtime'
              ? []
              : [{ group: ['**/runtime/system.ts'], message: 'Only main.ts chooses the real clock.' }]),
            {
              group: ['node:timers/promises', 'timers/promises', 'node:timers', 'node:perf_hooks'],
              message: clockRule,
            },
          ],
        },
      ],
    },
  })),
  {
    files: ['test/**/*.ts', '**/*.test.ts', 'bench/**/*.ts', 'tools/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  { files: ['tools/**/*.ts', 'bench/**/*.ts'], rules: { 'no-console': 'off' } },
);
