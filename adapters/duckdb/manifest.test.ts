import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { commitRevision, type Manifest, newestRevision, openManifest, type Revision } from './manifest.ts';

const newFolder = temporaryFolders('manifest');

/** A history of two files of ten bytes, and something that nobody has named. */
async function written(): Promise<{ folder: string; revision: Revision }> {
  const folder = newFolder();
  const files = ['a', 'b'].map((name) => {
    mkdirSync(join(folder, `date=${name}`));
    writeFileSync(join(folder, `date=${name}`, 'x.parquet'), '0123456789');
    return { path: `date=${name}/x.parquet`, layout: 0, rows: 1, bytes: 10, minEventTime: 0, maxEventTime: 0 };
  });
  const manifest: Manifest = { version: 1, layouts: [[]], files, positions: { 'topic/0': 4 } };
  const nothing = await openManifest(join(folder, 'absent'));
  const revision = (await commitRevision(folder, nothing, manifest))!;
  writeFileSync(join(folder, 'date=a', 'left.parquet'), '');
  return { folder, revision };
}

const moved = ({ manifest }: Revision, offset: number): Manifest => ({ ...manifest, positions: { 'topic/0': offset } });

describe('openManifest', () => {
  it('reads what was written, leaves what others may be writing, and is empty where nothing was written', async () => {
    const { folder, revision } = await written();
    expect(revision.number).toBe(1);
    expect(await openManifest(folder)).toEqual(revision);
    expect(readdirSync(join(folder, 'date=a'))).toEqual(['left.parquet', 'x.parquet']);
    expect(await openManifest(join(folder, 'absent'))).toMatchObject({ number: 0, manifest: { files: [] } });
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
    rmSync(join(folder, 'manifest-000000000001.json'));
    await expect(openManifest(folder)).rejects.toThrow(/manifest-000000000001\.json: .*got nothing/);
    expect(readdirSync(join(folder, 'date=b'))).toEqual(['x.parquet']);
  });

  it('goes on from the one file of a history that had a single writer', async () => {
    const { folder, revision } = await written();
    rmSync(join(folder, 'manifest-000000000001.json'));
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(revision.manifest));
    const found = await openManifest(folder);
    expect(found).toEqual({ number: 0, manifest: revision.manifest });
    expect(await commitRevision(folder, found, moved(found, 5))).toMatchObject({ number: 1 });
    expect(await newestRevision(folder, found)).toMatchObject({ number: 1, manifest: { positions: { 'topic/0': 5 } } });
  });
});

describe('commitRevision', () => {
  it('lets one of those who build upon the same revision win, and the others see what it wrote', async () => {
    const { folder, revision } = await written();
    const commits = await Promise.all([5, 6, 7].map((to) => commitRevision(folder, revision, moved(revision, to))));
    const winner = commits.filter((commit) => commit !== null);
    expect(winner).toHaveLength(1);
    expect(await newestRevision(folder, revision)).toEqual(winner[0]);
    expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  it('refuses one that slept while so many were made that its number is free again', async () => {
    const { folder, revision: first } = await written();
    const nothing = await openManifest(join(folder, 'absent'));
    const second = (await commitRevision(folder, first, first.manifest))!;
    let newest = second;
    for (let offset = 5; offset < 40; offset++) newest = (await commitRevision(folder, newest, moved(newest, offset)))!;
    for (const stale of [nothing, first, second, { ...second, number: 3 }]) {
      expect(await commitRevision(folder, stale, stale.manifest)).toBeNull();
    }
    expect(await openManifest(folder)).toEqual(newest);
    const kept = readdirSync(folder).filter((name) => name.startsWith('manifest-'));
    expect(kept).toHaveLength(21);
  });

  it('says when the history was taken away, or set back, under its writer', async () => {
    const { folder, revision: first } = await written();
    const second = (await commitRevision(folder, first, moved(first, 5)))!;
    rmSync(join(folder, 'manifest-000000000002.json'));
    await expect(newestRevision(folder, second)).rejects.toThrow(/manifest-000000000002\.json: .*got an earlier one/);
    rmSync(folder, { recursive: true });
    await expect(newestRevision(folder, second)).rejects.toThrow(/manifest-000000000002\.json: .*got nothing/);
  });
});
