import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { AsofError } from '../../core/errors/asof-error.ts';
import { loadDefinitions } from './load.ts';

// Outside of this package: nothing called `asof` is installed there.
const folder = mkdtempSync(join(tmpdir(), 'asof-definitions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const module = `
import { countRows, entity, eventSource, featureView, t } from 'asof';
import { window } from './window.ts';
export const user = entity('user', { key: { id: t.int64 } });
const clicks = eventSource('clicks', { fields: { id: t.int64 }, eventTime: 'at' });
export const activity = featureView('activity', {
  entity: user, source: clicks, key: { id: 'id' }, features: { clicks: countRows().over(window as '1h') },
});
`;

test('loads TypeScript from a folder in which asof is not installed', async () => {
  write('window.ts', "export const window: string = '1h';");
  const definitions = await loadDefinitions(write('features.ts', module));
  expect(definitions.entities.map(({ name }) => name)).toEqual(['user']);
  expect(definitions.views[0]?.features).toMatchObject([{ name: 'clicks', window: '1h' }]);
  const again = await loadDefinitions(write('features.json', JSON.stringify(definitions)));
  expect(again).toEqual(definitions);
});

test('reads a changed file again', async () => {
  write('window.ts', "export const window: string = '1h';");
  const file = write('changing.ts', module);
  await loadDefinitions(file);
  write('window.ts', "export const window: string = '2h';");
  const definitions = await loadDefinitions(file);
  expect(definitions.views[0]?.features).toMatchObject([{ window: '2h' }]);
});

async function failure(file: string): Promise<AsofError> {
  return loadDefinitions(file).then(
    () => Promise.reject(new Error('it loaded')),
    (error: AsofError) => error,
  );
}

test('says where a module fails', async () => {
  const thrown = await failure(write('throws.ts', "const a: number = 1;\nthrow new Error('no luck ' + a);\n"));
  expect(thrown.code).toBe('BAD_DEFINITION');
  expect(thrown.message).toContain('no luck 1');
  expect(thrown.message).toMatch(/throws\.ts:\d+:\d+/);
  const unparsable = await failure(write('broken.ts', 'const a = 1;\nexport const = 1;\n'));
  expect(unparsable.message).toContain(
    'broken.ts:2:14: the definitions do not load: Expected identifier but found "="',
  );
});

test('says where a module imports what is not there', async () => {
  const unknown = await failure(write('unknown.ts', "import {\n  entity,\n  entty,\n} from 'asof';\nentty(entity);\n"));
  expect(unknown.message).toMatch(/unknown\.ts:3:3: .*export named 'entty'/);
  const lost = await failure(write('lost.ts', "const a = 1;\nimport { b } from './nowhere.ts';\nexport { a, b };\n"));
  expect(lost.message).toMatch(/lost\.ts:2:22: .*nowhere\.ts/);
  write('imported.ts', 'export const a = ;\n');
  const inner = await failure(write('importing.ts', "import { a } from './imported.ts';\nexport const b = a;\n"));
  expect(inner.message).toMatch(/imported\.ts:1:18: /);
});

test('says where JSON is not JSON', async () => {
  const error = await failure(write('broken.json', '{\n  "asof": 1,\n  x\n}'));
  expect(error.code).toBe('BAD_DEFINITION');
  expect(error.message).toContain('broken.json:3:3');
});

test('names the file before what is not sound in it', async () => {
  const wrongWindow = module.replace("window as '1h'", "'1x' as '1h'");
  expect((await failure(write('window-of.ts', wrongWindow))).message).toMatch(
    /window-of\.ts, views\.activity\.features\.clicks\.window: .*got "1x"/,
  );
  const several = await failure(write('several.json', '{"asof": 1, "entitys": [], "vews": []}'));
  expect(several.message).toMatch(/several\.json: 2 problems in the definitions:\n- entitys: /);
  expect(several.details.problems).toHaveLength(2);
});

test('refuses files that are not there or of another kind', async () => {
  expect((await failure(join(folder, 'absent.ts'))).code).toBe('BAD_INPUT');
  expect((await failure(write('features.py', ''))).message).toContain('.py');
});

const withFunction = (outside: string, implementation: string) => `
import { col, entity, eventSource, featureView, sum, t, userFunction } from 'asof';
${outside}
const letters = userFunction('letters', {
  version: 1, args: { title: t.string }, returns: t.int64,
  implementation: ${implementation},
});
export const activity = featureView('activity', {
  entity: entity('user', { key: { id: t.int64 } }),
  source: eventSource('clicks', { fields: { id: t.int64, title: t.string }, eventTime: 'at' }),
  key: { id: 'id' },
  features: { letters: sum(letters({ title: col('title') })).over('1h') },
});`;

test('keeps the text of a function without its types', async () => {
  const implementation = `({ title }) => {
    type Kept = { readonly text: string };
    const trimmed = (text: string): Kept => ({ text: text.trim() as string });
    return trimmed(title).text.length; // code units
  }`;
  const { functions } = await loadDefinitions(write('function.ts', withFunction('', implementation)));
  expect(functions).toMatchObject([{ name: 'letters', version: 1, args: [{ name: 'title' }] }]);
  expect(functions[0]!.source).not.toMatch(/Kept|: string/);
});

test('names what a function names outside of itself', async () => {
  const outside = 'const least: number = 3; const scale = 2;';
  const error = await failure(
    write('closure.ts', withFunction(outside, '({ title }) => Math.max(least, title.length * scale)')),
  );
  expect(error.code).toBe('BAD_DEFINITION');
  expect(error.message).toContain('functions.letters.source: names what is outside of it: least, scale');
  const clock = await failure(write('clock.ts', withFunction('', '({ title }) => title.length + Date.now()')));
  expect(clock.message).toContain('calls Date.now(), which differs from call to call');
});
