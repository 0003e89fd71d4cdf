import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

const { ASOF_DEEP_CASES = '100000', ASOF_SEED } = process.env;

/** Random cases in earnest, so many for each property: `ASOF_DEEP_CASES=1000000 ASOF_SEED=1 npm run test:deep`. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/property/*.test.ts', 'test/property/*.deep.ts'],
    provide: { property: { cases: Number(ASOF_DEEP_CASES), seed: ASOF_SEED === undefined ? null : Number(ASOF_SEED) } },
    disableConsoleIntercept: true,
  },
});
