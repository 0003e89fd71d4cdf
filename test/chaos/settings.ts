/** How a run of faults is set; see vitest.chaos.config.ts. */
export interface ChaosSettings {
  readonly seed: number;
  /** null = all faults. */
  readonly sample: number | null;
  /** So long stays away what is "gone". */
  readonly goneMillis: number;
  /** Whether docs/reliability.md gets what was seen. */
  readonly writesReport: boolean;
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly chaos: ChaosSettings;
  }
}
