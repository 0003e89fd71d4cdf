import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startServe, waitFor } from './asof-process.ts';

const features = `
import { col, csv, entity, featureView, push, rowSource, t } from 'asof';
const item = entity('item', { key: { id: t.int64 } });
const items = rowSource('items', {
  fields: { id: t.int64, price: t.float64 }, eventTime: 'at', batch: csv('nowhere.csv'), stream: push(),
});
export const itemPrices = featureView('item_prices', {
  entity: item, source: items, key: { id: 'id' }, features: { price: col('price') },
});
`;

it('asof serve names the views that lack history, and why, instead of saying that all have theirs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'asof-lacking-'));
  try {
    await writeFile(join(folder, 'features.ts'), features);
    const asof = await startServe(join(folder, 'features.ts'), join(folder, 'data'));
    await waitFor(() => (asof.output().includes('nowhere.csv') ? true : undefined), 30_000);
    expect(asof.output()).toMatch(/These views lack history.*\n {2}item_prices: sources\.items\.batch\.path: no file/);
    expect(asof.output()).not.toContain('All views have their history');
    expect(await asof.stop()).toBe(0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
