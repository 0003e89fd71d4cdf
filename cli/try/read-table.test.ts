import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readTable } from './read-table.ts';

const folder = mkdtempSync(join(tmpdir(), 'asof-read-table-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

async function places(file: string): Promise<readonly (readonly [string, object])[]> {
  return (await readTable(file)).map(({ place, values }) => [place.replace(`${folder}/`, ''), values]);
}

test('a byte order mark, CRLF and blank lines change nothing', async () => {
  expect(await places(write('marked.ndjson', '\uFEFF{"a":1}\r\n\r\n{"a":2}\r\n'))).toEqual([
    ['marked.ndjson:1', { a: 1 }],
    ['marked.ndjson:3', { a: 2 }],
  ]);
  expect(await places(write('marked.csv', '\uFEFFa,b\r\n1,\r\n\r\n"x\ny",""\r\n'))).toEqual([
    ['marked.csv:2', { a: '1', b: null }],
    ['marked.csv:5', { a: 'x\ny', b: '' }],
  ]);
});

test('files without rows have none', async () => {
  for (const [name, content] of [
    ['empty.ndjson', ''],
    ['blank.ndjson', '\n \n'],
    ['empty.csv', ''],
    ['header.csv', 'a,b\n'],
  ] as const) {
    expect(await readTable(write(name, content)), name).toEqual([]);
  }
});

test('a line of ten million characters is a row', async () => {
  const [row] = await readTable(write('long.ndjson', `{"a":"${'x'.repeat(10_000_000)}","b":9007199254740993}\n`));
  expect(row?.values.b).toBe(9007199254740993n);
});

test.each([
  ['array.json', '[{"a":1}]\n', 'array.json:1:1: not a row; expected a JSON object', 'one JSON object on each line'],
  ['pretty.json', '{\n "a": 1\n}\n', 'pretty.json:1:2', 'one JSON object on each line'],
  ['cut.ndjson', '{"a":1}\n{"a":1,"b', 'cut.ndjson:2:8', 'one JSON object on each line'],
  ['nan.ndjson', '{"a":NaN}\n', 'nan.ndjson:1:6', 'one JSON object on each line'],
  ['open.csv', 'a,b\n"1,2\n3,4\n', 'open.csv', 'a quoted field does not end; expected a quote at its end'],
  ['inner.csv', 'a,b\n1,2\nx"y,4\n', 'inner.csv:3, column "a"', 'expected quotes around a whole field'],
  ['after.csv', 'a,b\n"x"y,4\n', 'after.csv:2, column "a"', 'a quoted field goes on behind its end'],
  ['wide.csv', 'a,b\n1,2,3\n', 'wide.csv:2', 'expected 2 fields: a, b; got 3 fields. Put a field that has a comma'],
  ['narrow.csv', 'a,b\n1\n', 'narrow.csv:2', 'expected 2 fields: a, b; got 1 field'],
  ['german.csv', 'a;b\n1,5;2\n', 'german.csv:2', 'Its one column "a;b" looks like several, with semicolons between'],
  ['twice.csv', 'a,b,a\n1,2,3\n', 'twice.csv:1, column "a": a column stands twice in the header', 'Rename'],
])('%s is refused with its place', async (name, content, place, text) => {
  const refused = readTable(write(name, content));
  await expect(refused).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining(place) });
  await expect(refused).rejects.toThrow(text);
});

test('what is not UTF-8 is refused where it is not', async () => {
  const latin1 = write('latin1.ndjson', Buffer.from('{"a":1}\n{"a":"\xe9"}\n', 'latin1'));
  await expect(readTable(latin1)).rejects.toThrow('latin1.ndjson:2:7: not UTF-8. Save it as UTF-8.');
  const utf16 = write('utf16.csv', Buffer.from('\uFEFFa\n1\n', 'utf16le'));
  await expect(readTable(utf16)).rejects.toThrow('utf16.csv:1:1: not UTF-8');
});

test('what is no file is refused by name', async () => {
  mkdirSync(join(folder, 'folder.csv'));
  await expect(readTable(join(folder, 'folder.csv'))).rejects.toThrow(
    'folder.csv: cannot be read; expected a file; got a folder',
  );
  await expect(readTable(join(folder, 'absent.csv'))).rejects.toThrow(
    'absent.csv: there is no such file. Check the path.',
  );
});
