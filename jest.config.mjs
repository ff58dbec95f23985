/** `unit` needs nothing but Node; the other projects need the control plane that tools/test.ts starts. */
const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  setupFiles: ['<rootDir>/test/support/property-seed.ts'],
  // etcd's *.snap files are no snapshots of ours.
  modulePathIgnorePatterns: ['<rootDir>/.cache/', '<rootDir>/dist/'],
};

const onCluster = (name) => ({
  ...common,
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  globalSetup: '<rootDir>/test/support/install-crds.ts',
});

export default {
  // Tests end by their own deadlines (test/support/eventually.ts). This one only ends what hangs, on a busy machine too.
  testTimeout: 300_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/src/**/*.test.ts', '<rootDir>/test/unit/**/*.test.ts'],
    },
    ...['integration', 'chart', 'monitoring', 'chaos'].map(onCluster),
  ],
};
