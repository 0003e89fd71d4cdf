import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { openPostgresRegistry } from '../../adapters/postgres/registry-store.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { entityVersion, storing } from '../contracts/registry-versions.ts';

// Run by tests as one of several processes: applies change after change to one registry, prints the name of each entity
// that was confirmed and of each change that was refused, and ends.
const [url, name, changes] = process.argv.slice(2);
const store = await openPostgresRegistry({ url: url!, clock: createSystemClock() });
for (let index = 0; index < Number(changes); ) {
  const { revision } = await store.load();
  const entity = `${name}${index}`;
  try {
    await store.apply({ ...storing(entityVersion(entity)), appliedBy: name! }, revision);
    process.stdout.write(`confirmed ${entity}\n`);
    index++;
  } catch (error) {
    if (!(error instanceof AsofError) || error.code !== 'CONFLICT') throw error;
    process.stdout.write(`refused ${error.message}\n`);
  }
}
process.stdout.write('done\n');
await store[Symbol.asyncDispose]();
