import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const { ASOF_SEED = '1' } = process.env;

/** The quick tests on a flipped copy: always the same random cases, and no test may take long. */
export default defineConfig({
  ...base,
  root: new URL('../../', import.meta.url).pathname,
  test: {
    ...base.test,
    provide: { property: { cases: 2_000, seed: Number(ASOF_SEED) } },
    testTimeout: 60_000,
  },
});
