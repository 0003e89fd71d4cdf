import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deadLetter, deadLettersContract } from '../../test/contracts/dead-letters.ts';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { createFileDeadLetters } from './dead-letters.ts';
import { readLinesBackward } from './read-lines-backward.ts';

const folder = temporaryFolders('letters');

deadLettersContract('files', async () => createFileDeadLetters({ folder: folder() }));

describe('createFileDeadLetters', () => {
  it('finds the letters of an earlier opening, and cuts off one that was not written whole', async () => {
    const path = folder();
    {
      await using letters = createFileDeadLetters({ folder: path });
      await letters.put([deadLetter({ offset: 1 }), deadLetter({ offset: 2 })]);
    }
    appendFileSync(join(path, 'landings.ndjson'), '{"source":"landings","offs');
    await using letters = createFileDeadLetters({ folder: path });
    expect((await letters.counts()).get('landings')).toBe(2);
    await letters.put([deadLetter({ offset: 3 })]);
    expect((await letters.list('landings', 10)).map(({ offset }) => offset)).toEqual([3, 2, 1]);
  });

  it('writes only below its folder', async () => {
    const path = folder();
    await using letters = createFileDeadLetters({ folder: path });
    await letters.put([deadLetter({ source: '../../escape' })]);
    expect(readdirSync(path)).toEqual(['%2E%2E%2F%2E%2E%2Fescape.ndjson']);
    await expect(letters.put([deadLetter({ source: 'x'.repeat(201) })])).rejects.toThrowError(/cannot name a file/);
  });

  it('names the file of a damaged letter', async () => {
    const path = folder();
    writeFileSync(join(path, 'landings.ndjson'), 'what?\n');
    await using letters = createFileDeadLetters({ folder: path });
    await expect(letters.list('landings', 1)).rejects.toThrowError(/landings\.ndjson: line 1 from the end/);
  });
});

describe('readLinesBackward', () => {
  it('reads the same lines whatever the size of its chunks', async () => {
    const file = join(folder(), 'lines');
    const lines = ['', 'a', 'bcd', '', 'é€😀', 'x'.repeat(50), ''];
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    for (let chunkBytes = 1; chunkBytes < 90; chunkBytes++) {
      for (let limit = 0; limit < 9; limit++) {
        expect(await readLinesBackward(file, limit, chunkBytes)).toEqual([...lines].reverse().slice(0, limit));
      }
    }
  });
});
