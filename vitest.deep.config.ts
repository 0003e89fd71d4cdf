import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const { ASOF_DEEP_CASES = '100000', ASOF_SEED } = process.env;

/** Random cases in earnest, so many for each property: `ASOF_DEEP_CASES=1000000 ASOF_SEED=1 npm run test:deep`. */
export default defineConfig({
  resolve: { alias: { asof: fileURLToPath(new URL('./core/index.ts', import.meta.url)) } },
  test: {
    include: ['test/property/*.test.ts', 'test/property/*.deep.ts'],
    pool: 'forks',
    maxWorkers: 2,
    provide: { property: { cases: Number(ASOF_DEEP_CASES), seed: ASOF_SEED === undefined ? null : Number(ASOF_SEED) } },
    disableConsoleIntercept: true,
  },
});
