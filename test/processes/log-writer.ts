import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { createLocalEventLog } from '../../adapters/local-log/event-log.ts';

// Run by tests as a process of its own, which they kill: several writers append, and each confirmed offset is printed.
const clock = createSystemClock();
const log = createLocalEventLog({
  folder: process.argv[2]!,
  clock: { stampArrival: () => clock.nowMillis() },
  segmentBytes: 20_000,
});
const write = async (writer: number): Promise<never> => {
  for (let number = 0; ; number++) {
    const payload = Buffer.from(`${writer}/${number} ${'x'.repeat((number * 37) % 300)}`);
    const [position] = await log.append('t', [{ key: null, payload }]);
    process.stdout.write(`${position!.offset} ${writer}/${number}\n`);
    if (number % 10 === 9) await log.commit('g', 't', new Map([[0, position!.offset + 1]]));
  }
};
await Promise.all([0, 1, 2, 3].map(write));
