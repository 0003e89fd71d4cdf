import type { DataClock } from '../ports/clocks.ts';
import type { OnlineWriter } from './writer.ts';

/**
 * A writer whose records are read by other processes. A read there may take the arrival of the newest event as its instant,
 * and what arrives from then on has to be stamped later: so the clock that stamps is told of it before anybody can read it.
 */
export function createAnnouncingWriter(writer: OnlineWriter, clock: Pick<DataClock, 'readInstant'>): OnlineWriter {
  return {
    apply(view, groups, fill) {
      if (view.kind !== 'rows') {
        let newest = Number.NEGATIVE_INFINITY;
        for (const { records } of groups) {
          for (const { knownTime } of records) newest = Math.max(newest, knownTime);
        }
        if (Number.isFinite(newest)) clock.readInstant(newest);
      }
      return writer.apply(view, groups, fill);
    },
  };
}
