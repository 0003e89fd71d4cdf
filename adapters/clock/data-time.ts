import type { Instant } from '../../core/values/types.ts';

/**
 * What every DataClock promises about the instants it gives out, on top of any source of raw time: `now` never
 * decreases, arrivals never decrease, and an arrival is greater than every read instant given out before it.
 */
export function createDataTime(options: {
  /** The present by the underlying clock; it may step back, the results here do not. */
  readonly raw: () => Instant;
  /** Everything given out is at least this. */
  readonly floor: Instant;
  /** Called before an instant is given out for the first time, in ascending order. */
  readonly onGrant: (instant: Instant) => void;
  /**
   * Other processes read by the same underlying clock: an arrival is greater than the present, too, since they may have
   * given that out. Default false.
   */
  readonly readElsewhere?: boolean;
}): {
  now(): Instant;
  readInstant(newestApplied?: Instant): Instant;
  stampArrival(): Instant;
  /** The greatest instant given out so far. */
  newestGrant(): Instant;
} {
  const lead = options.readElsewhere === true ? 1 : 0;
  let newestNow = options.floor;
  let newestRead = options.floor;
  let newestArrival = options.floor;
  let newestGrant = options.floor;

  const grant = (instant: Instant): Instant => {
    if (instant > newestGrant) {
      options.onGrant(instant);
      newestGrant = instant;
    }
    return instant;
  };
  const now = (): Instant => {
    newestNow = grant(Math.max(newestNow, options.raw()));
    return newestNow;
  };

  return {
    now,
    readInstant: (newestApplied) => {
      const instant = grant(Math.max(now(), newestApplied ?? newestNow));
      newestRead = Math.max(newestRead, instant);
      return instant;
    },
    stampArrival: () => {
      newestArrival = grant(Math.max(now() + lead, newestRead + 1, newestArrival));
      return newestArrival;
    },
    newestGrant: () => newestGrant,
  };
}
