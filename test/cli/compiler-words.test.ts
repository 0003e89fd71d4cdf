import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { collectDefinitions } from '../../core/definitions/collect.ts';
import { parseDefinitions } from '../../core/definitions/parse.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import * as asof from '../../core/index.ts';
import { temporaryFolders } from '../processes/temporary-folders.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const newFolder = temporaryFolders('compiler');

/** Aggregates that are wrong, as people write them, and where. */
const wrong: readonly (readonly [aggregate: string, place: string])[] = [
  ["avg(fn.log(col('s').eq('a')))", 'input.args[0]'],
  ["avg(col('n').gt(1).add(2))", 'input.args[0]'],
  ["avg(fn.hour(fn.length(col('s')), 'Europe/Berlin'))", 'input.args[0]'],
  ["avg(fn.lower(col('s')))", 'input'],
  ["max(col('n').gt(1))", 'input'],
  ["variance(fn.log(col('n')))", 'input'],
  ["countDistinct(fn.log(col('n')))", 'input'],
  ["countRows().where(fn.length(col('s')))", 'where'],
  ["countRows().where(fn.length(col('s')).eq('a'))", 'where'],
  ["countRows().where(col('n').gt(1).and(col('n').gt(2).and(fn.sign(col('n')))))", 'where.args[1].args[1]'],
  ["countRows().by(fn.log(col('n')))", 'by'],
];

/** Columns, whose type only their source knows: the compiler shows it, but not in the same sentence. */
const wrongColumns: typeof wrong = [
  ["avg(fn.log1p(col('s')))", 'input.args[0]'],
  ["countRows().where(fn.isWeekend(col('n'), 'Europe/Berlin'))", 'where.args[0]'],
  ["avg('s')", 'input'],
  ["variance(col('s'))", 'input'],
  ["lastN('at', 3).by('tags')", 'by'],
  ["countDistinct('tags')", 'input'],
  ["approxQuantile('s', 0.5)", 'input'],
  ["countRows().where(col('n'))", 'where'],
  ["countRows().where(col('s').gt(5))", 'where'],
  ["countRows().where(col('n').eq('a'))", 'where'],
  ["countRows().where(col('s').in([1, 2]))", 'where'],
  ["countRows().where(col('n').not())", 'where.args[0]'],
  ["countRows().where(col('s').isNull().or(col('n')))", 'where.args[1]'],
  ["countDistinct(col('s').coalesce(7))", 'input'],
  ["sum(when(col('s'), 1))", 'input.args[0]'],
];

/** Features of a view `v` whose types follow from what it aggregates, read beside it or in an on-demand view. */
const wrongFeatures: typeof wrong = [
  ["v.feature('rows').not()", 'args[0]'],
  ["v.feature('is_many').add(request('x'))", 'args[0]'],
  ["request('x').add(v.feature('is_many'))", 'args[1]'],
  ["fn.lower(v.feature('rows'))", 'args[0]'],
  ["v.feature('rows').gt('a')", ''],
  ["v.as('w').feature('rows').eq('a')", ''],
  ["when(v.pick('rows').feature('rows'), 1)", 'args[0]'],
];

const fields = '{ s: t.string, n: t.int64, at: t.timestamp, tags: t.list(t.string) }';
const view = (aggregate: string) =>
  `featureView('v', { source: eventSource('e', { fields: ${fields}, eventTime: 'at' }), features: { f: ${aggregate}.over('1h') } })`;

const readView = `const v = featureView('v', { source: eventSource('e', { fields: ${fields}, eventTime: 'at' }), features: { rows: countRows().over('1h'), is_many: feature('rows').gt(5) } });`;
const onDemand = (expression: string) => {
  const from = expression.includes(".as('w')") ? "v.as('w')" : 'v';
  return `onDemandView('o', { request: { x: t.int64, name: t.string }, from: [${from}], features: { f: ${expression} } })`;
};

/** What the plan says of the JSON. */
function planned(definition: string): { readonly path: string; readonly words: string } {
  const names = Object.keys(asof);
  // The text runs without the compiler, as definitions of another language would.
  const handle = new Function(...names, `${readView} return ${definition};`)(...Object.values(asof));
  try {
    parseDefinitions(JSON.parse(JSON.stringify(collectDefinitions({ handle }))));
  } catch (error) {
    if (!(error instanceof AsofError)) throw error;
    const { path = '', message, expected, got } = error.details.problems![0]!;
    return { path, words: `${message}; expected ${expected}; got ${got}` };
  }
  return { path: '', words: 'nothing' };
}

/** The example in docs/expressions.md, which has to compile. */
function exampleOfPage(): string {
  const page = readFileSync(join(root, 'docs/expressions.md'), 'utf8');
  return /^```ts\n(.*?)^```$/ms.exec(page)![1]!;
}

test('the compiler refuses a definition in the words in which the plan refuses its JSON', () => {
  const folder = newFolder();
  const aggregates = [...wrong, ...wrongColumns].map(([aggregate, place]) => ({
    definition: view(aggregate),
    path: `views.v.features.f.aggregate.${place}`,
  }));
  const requests = wrongFeatures.map(([expression, place]) => ({
    definition: onDemand(expression),
    path: `onDemandViews.o.features.f.expression${place === '' ? '' : `.${place}`}`,
  }));
  const all = [...aggregates, ...requests];
  const lines = all.map(({ definition }) => `${definition};`);
  const imports = `import { ${Object.keys(asof).join(', ')} } from 'asof';`;
  writeFileSync(join(folder, 'wrong.ts'), [`${imports} ${readView}`, ...lines].join('\n'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, 'page.ts'), exampleOfPage());
  const options = { rootDir: '/', paths: { asof: [join(root, 'core/index.ts')] }, types: [] };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions: options, include: ['*.ts'] }),
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--noEmit', '--pretty', 'false'], {
    encoding: 'utf8',
  });
  expect(stdout).not.toContain('page.ts');
  const errors = stdout.split(/^(?=\S*wrong\.ts\()/m);
  for (const [index, { definition, path }] of all.entries()) {
    const compiled = errors.find((error) => error.includes(`wrong.ts(${index + 2},`)) ?? 'it compiled';
    const { path: place, words } = planned(definition);
    expect(place, definition).toBe(path);
    const said = index < wrong.length ? words : words.slice(0, words.indexOf('; got'));
    expect(compiled.replaceAll('\\"', '"'), definition).toContain(said);
  }
});
