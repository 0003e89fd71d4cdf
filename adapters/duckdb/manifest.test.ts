import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { type Manifest, openManifest, writeManifest } from './manifest.ts';

const newFolder = temporaryFolders('manifest');

/** A history of two files of ten bytes, and something that a crash left. */
async function written(): Promise<{ folder: string; manifest: Manifest }> {
  const folder = newFolder();
  const files = ['a', 'b'].map((name) => {
    mkdirSync(join(folder, `date=${name}`));
    writeFileSync(join(folder, `date=${name}`, 'x.parquet'), '0123456789');
    return { path: `date=${name}/x.parquet`, layout: 0, rows: 1, bytes: 10, minEventTime: 0, maxEventTime: 0 };
  });
  const manifest: Manifest = { version: 1, layouts: [[]], files, positions: { 'topic/0': 4 } };
  await writeManifest(folder, manifest);
  writeFileSync(join(folder, 'date=a', 'left.parquet'), '');
  return { folder, manifest };
}

describe('openManifest', () => {
  it('reads what was written, removes what no manifest names, and is empty where nothing was written', async () => {
    const { folder, manifest } = await written();
    expect(await openManifest(folder)).toEqual(manifest);
    expect(readdirSync(join(folder, 'date=a'))).toEqual(['x.parquet']);
    expect(await openManifest(join(folder, 'absent'))).toMatchObject({ files: [], positions: {} });
  });

  it('names a file that is missing, or not whole', async () => {
    const { folder } = await written();
    truncateSync(join(folder, 'date=b', 'x.parquet'), 7);
    await expect(openManifest(folder)).rejects.toThrow(
      /date=b\/x\.parquet: .*expected 10 bytes; got 7 bytes\. Restore/,
    );
    rmSync(join(folder, 'date=b', 'x.parquet'));
    await expect(openManifest(folder)).rejects.toThrow(/date=b\/x\.parquet: .*got no such file/);
    await expect(openManifest(folder)).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  it('takes files without a manifest for a history that lost it, and removes none', async () => {
    const { folder } = await written();
    rmSync(join(folder, 'manifest.json'));
    await expect(openManifest(folder)).rejects.toThrow(/manifest\.json: .*got nothing/);
    expect(readdirSync(join(folder, 'date=b'))).toEqual(['x.parquet']);
  });
});
