import { lockFolder } from '../../adapters/files/lock-folder.ts';

// Run by tests as a process of its own: says whether it got the lock, and holds it until it is killed.
try {
  lockFolder(process.argv[2]!);
  process.stdout.write('locked\n');
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.message : error}\n`);
}
setInterval(() => {}, 1_000);
