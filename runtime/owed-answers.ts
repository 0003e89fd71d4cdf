/** The answers that one client still waits for: those of queries and mutations, not what a subscription has yet to tell. */
export interface OwedAnswers {
  /** Somebody has asked. Call what it returns when the answer is sent, or when it proves to be a subscription. */
  begin(): () => void;
  /** Resolves when nobody waits. */
  settled(): Promise<void>;
}

export function createOwedAnswers(): OwedAnswers {
  let owed = 0;
  let waiting: (() => void)[] = [];
  return {
    begin() {
      let isAnswered = false;
      owed++;
      return () => {
        if (isAnswered) return;
        isAnswered = true;
        owed--;
        if (owed > 0) return;
        for (const resolve of waiting) resolve();
        waiting = [];
      };
    },
    settled: () => (owed === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
