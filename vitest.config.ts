import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

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
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
