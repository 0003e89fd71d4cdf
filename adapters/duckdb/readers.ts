/** Keeps what readers may still be reading: an action waits until all who were reading when it was asked for are done. */
export interface Readers {
  /** Begins a reading; the returned function ends it. */
  begin(): () => void;
  /** Runs the action when every reading that has begun by now has ended. */
  afterCurrent(action: () => void): void;
}

export function createReaders(): Readers {
  const reading = new Set<object>();
  let waiting: { readonly readers: Set<object>; readonly action: () => void }[] = [];
  return {
    begin() {
      const reader = {};
      reading.add(reader);
      return () => {
        reading.delete(reader);
        for (const { readers } of waiting) readers.delete(reader);
        const ready = waiting.filter(({ readers }) => readers.size === 0);
        waiting = waiting.filter(({ readers }) => readers.size > 0);
        for (const { action } of ready) action();
      };
    },
    afterCurrent(action) {
      if (reading.size === 0) action();
      else waiting.push({ readers: new Set(reading), action });
    },
  };
}
