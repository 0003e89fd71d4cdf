import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The main job on all 3,000,000 flights, alone on the machine. */
export default defineConfig({
  resolve: { alias: { asof: fileURLToPath(new URL('./core/index.ts', import.meta.url)) } },
  test: {
    include: ['test/flights/*.flights.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
