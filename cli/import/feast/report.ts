/** What did not come over as it was, and why. */
export interface ImportNote {
  /** As Feast names it: `driver_hourly_stats`, `driver_hourly_stats:driver_metadata`. */
  readonly what: string;
  readonly outcome: 'left out' | 'changed';
  readonly why: string;
}

export interface ImportReport {
  readonly notes: readonly ImportNote[];
  leftOut(what: string, why: string): void;
  changed(what: string, why: string): void;
}

export function createImportReport(): ImportReport {
  const notes: ImportNote[] = [];
  return {
    notes,
    leftOut: (what, why) => void notes.push({ what, outcome: 'left out', why }),
    changed: (what, why) => void notes.push({ what, outcome: 'changed', why }),
  };
}
