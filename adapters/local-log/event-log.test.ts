import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventLogContract } from '../../test/contracts/event-log.ts';
import { createManualClock } from '../clock/manual-clock.ts';
import { createLocalEventLog } from './event-log.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'asof-log-'));
const clock = createManualClock({ at: 1_000_000 });

eventLogContract('local-log', async (partitions) => createLocalEventLog({ folder: folder(), clock, partitions }));
eventLogContract('local-log in segments of one frame', async (partitions) =>
  createLocalEventLog({ folder: folder(), clock, partitions, segmentBytes: 1, sync: false }),
);
