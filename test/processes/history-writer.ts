import { createDuckDbOfflineStore } from '../../adapters/duckdb/offline-store.ts';
import { landingAt, landingsSource } from '../doubles/landing-log.ts';

// Run by tests as a process of its own, which they kill: it appends a log's landings from what is durable on, as a
// member of a consumer group would that has just got these partitions, and prints each position that it has made durable.
const [folder, end, batch] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4])];
const store = await createDuckDbOfflineStore({ folder, memoryLimit: '128MB', threads: 1 });
for (let isDone = false; !isDone; ) {
  isDone = true;
  for (const partition of [0, 1]) {
    const from = ((await store.durablePositions(landingsSource)).get(`log/${partition}`) ?? -1) + 1;
    const to = Math.min(end, from + batch);
    // Beginning before what is durable: as after a commit that was lost.
    const records = Array.from({ length: to - Math.max(0, from - 3) }, (_, index) =>
      landingAt(Math.max(0, from - 3) + index, partition),
    );
    await store.append(landingsSource, records);
    if (to < end) isDone = false;
  }
  const positions = await store.flush(landingsSource);
  process.stdout.write(`${[...positions.values()].join(' ')}\n`);
}
await store[Symbol.asyncDispose]();
process.stdout.write('done\n');
