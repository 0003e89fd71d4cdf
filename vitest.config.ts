import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** `ASOF_MALFORMED_INPUTS=100000 ASOF_MALFORMED_SEED=1 npm test -- --project processes test/e2e/malformed.test.ts` is a long run. */
const { ASOF_MALFORMED_INPUTS = '2000', ASOF_MALFORMED_SEED } = process.env;

/** Tests that start whole processes run after the others, one at a time: they promise times. */
const processTests = ['e2e', 'cli', 'leakage', 'docs'].map((folder) => `test/${folder}/**/*.test.ts`);
const elsewhere = ['**/node_modules/**', 'dist/**', '**/*.services.test.ts'];

export default defineConfig({
  resolve: {
    alias: [
      { find: 'asof', replacement: fileURLToPath(new URL('./core/index.ts', import.meta.url)) },
      // The file that Node itself loads: Vite would take graphql's other build, whose types are not the same objects.
      { find: /^graphql$/, replacement: 'graphql/index.js' },
    ],
  },
  test: {
    pool: 'forks',
    // What is waited for comes, however busy the machine is.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['**/*.test.ts'],
          exclude: [...elsewhere, ...processTests],
          maxWorkers: 2,
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          include: processTests,
          exclude: elsewhere,
          maxWorkers: 1,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          provide: {
            malformed: {
              inputs: Number(ASOF_MALFORMED_INPUTS),
              seed: ASOF_MALFORMED_SEED === undefined ? Date.now() % 1_000_000 : Number(ASOF_MALFORMED_SEED),
            },
          },
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
