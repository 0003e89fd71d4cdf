import { eventLogContract } from '../../test/contracts/event-log.ts';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { createManualClock } from '../clock/manual-clock.ts';
import { createLocalEventLog } from './event-log.ts';

const folder = temporaryFolders('log');
const clock = createManualClock({ at: 1_000_000 });

eventLogContract('local-log', async (partitions) => createLocalEventLog({ folder: folder(), clock, partitions }));
eventLogContract('local-log in segments of one frame', async (partitions) =>
  createLocalEventLog({ folder: folder(), clock, partitions, segmentBytes: 1, sync: false }),
);
