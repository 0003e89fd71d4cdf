import { fileURLToPath } from 'node:url';
import { measureLeaks } from './naive-join.ts';

/** Prints what docs/pitfalls/leakage.md quotes. */
const file = fileURLToPath(new URL('../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url));
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
console.log('| mean delay over | built on unknown delays | another value | mean error |');
console.log('|---|---|---|---|');
for (const { window, builtOnUnknown, differs, errorMinutes } of await measureLeaks(file, 200_000, 1_000)) {
  console.log(`| ${window} | ${percent(builtOnUnknown)} | ${percent(differs)} | ${errorMinutes.toFixed(1)} min |`);
}
