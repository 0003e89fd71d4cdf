import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const { ASOF_SEED, ASOF_CHAOS_SAMPLE, ASOF_CHAOS_GONE_MILLIS = '60000', ASOF_CHAOS_WRITE } = process.env;

/**
 * Faults with real servers. `ASOF_CHAOS_SAMPLE=4` strikes with so many, which ASOF_SEED chooses; ASOF_CHAOS_GONE_MILLIS is how
 * long what is gone stays away; `ASOF_CHAOS_WRITE=1` writes what was seen into docs/reliability.md.
 */
export default defineConfig({
  resolve: {
    alias: [
      { find: 'asof', replacement: fileURLToPath(new URL('./core/index.ts', import.meta.url)) },
      // The file that Node itself loads: Vite would take graphql's other build, whose types are not the same objects.
      { find: /^graphql$/, replacement: 'graphql/index.js' },
    ],
  },
  test: {
    include: ['test/chaos/*.chaos.ts'],
    pool: 'forks',
    maxWorkers: 1,
    hookTimeout: 180_000,
    provide: {
      chaos: {
        seed: ASOF_SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(ASOF_SEED),
        sample: ASOF_CHAOS_SAMPLE === undefined ? null : Number(ASOF_CHAOS_SAMPLE),
        goneMillis: Number(ASOF_CHAOS_GONE_MILLIS),
        writesReport: ASOF_CHAOS_WRITE !== undefined,
      },
    },
  },
});
