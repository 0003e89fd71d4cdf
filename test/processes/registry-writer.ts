import { openPgliteRegistry } from '../../adapters/pglite/registry-store.ts';
import { entityVersion, storing } from '../contracts/registry-versions.ts';

// Run by tests as a process of its own, which they kill: applies change after change and prints each that resolved.
const store = await openPgliteRegistry({ folder: process.argv[2]! });
for (let { revision } = await store.load(); ; revision++) {
  await store.apply(storing(entityVersion(`entity${revision + 1}`)), revision);
  await store.putDocument('datasets', `d${revision + 1}`, { revision: revision + 1 });
  process.stdout.write(`${revision + 1}\n`);
}
