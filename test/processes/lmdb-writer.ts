import { createLmdbOnlineStore } from '../../adapters/lmdb/online-store.ts';
import { stampPrefix } from '../../core/online/stamp-prefix.ts';

// Run by the test as a process of its own, which it kills: writes batch after batch and prints each that resolved.
const store = createLmdbOnlineStore({ folder: process.argv[2]!, durability: 'process' });
const stamp = stampPrefix(new Uint8Array(4));
for (let batch = 0; ; batch++) {
  const writes = Array.from({ length: 50 }, (_, index) => ({
    key: `k:${batch}:{${index}}`,
    expectedStamp: null,
    value: Buffer.concat([stamp, Buffer.from(`${batch}/${index}`)]),
    companions: [],
  }));
  const results = await store.compareAndSet(writes);
  if (results.includes(false)) throw new Error(`batch ${batch} lost a race that nobody else ran`);
  process.stdout.write(`${batch}\n`);
}
