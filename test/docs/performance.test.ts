import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

interface Result {
  readonly name: string;
  readonly date: string;
  readonly machine: { readonly commit: string };
  readonly cases: readonly Case[];
}

interface Case {
  readonly name: string;
  readonly ours: Readonly<Record<string, number>>;
  readonly baseline: Readonly<Record<string, number>>;
  readonly ratio: number;
  readonly target: { readonly atLeast?: number; readonly atMost?: number } | null;
}

const page = 'docs/performance.md';
const [begin, end] = ['<!-- from bench/results -->', '<!-- end of bench/results -->'];
const wanted = /^(serve|grpc|feast)-|^(fanout|joined)\b/;

function rowOf({ name, machine }: Result, { name: which, ours, baseline, ratio, target }: Case): string {
  const rate = (side: Readonly<Record<string, number>>): string =>
    side.requestsPerSecond === undefined ? '–' : Math.round(side.requestsPerSecond).toLocaleString('en');
  const p99 = ours.p99Millis === undefined ? '–' : `${ours.p99Millis.toFixed(1)} ms`;
  const goal = target === null ? '–' : target.atLeast === undefined ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`;
  const isMet = target === null || (ratio >= (target.atLeast ?? 0) && ratio <= (target.atMost ?? Infinity));
  const told = `${ratio.toFixed(2)}${isMet ? '' : ' **missed**'}`;
  return `| \`${name}\` ${which} | ${rate(ours)} | ${rate(baseline)} | ${p99} | ${told} | ${goal} | ${machine.commit} |`;
}

/** `npm run codegen` writes them anew. */
it('tells the figures that are in bench/results', async () => {
  const results = readdirSync('bench/results')
    .filter((file) => wanted.test(file))
    .sort()
    .map((file) => JSON.parse(readFileSync(`bench/results/${file}`, 'utf8')) as Result);
  const rows = results.flatMap((result) => result.cases.map((one) => rowOf(result, one)));
  const head =
    '| benchmark | ours, per second | baseline | our p99 | ratio | target | commit |\n|---|---|---|---|---|---|---|';
  const text = readFileSync(page, 'utf8');
  const [before, after] = [text.slice(0, text.indexOf(begin) + begin.length), text.slice(text.indexOf(end))];
  await expect(`${before}\n\n${[head, ...rows].join('\n')}\n\n${after}`).toMatchFileSnapshot(
    fileURLToPath(new URL(`../../${page}`, import.meta.url)),
  );
});
