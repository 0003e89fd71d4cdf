import type { FreshnessMonitor, FreshnessReport } from '../../core/ports/freshness.ts';
import { asking, type Link } from './link.ts';

/** The newest reports, and each time that there are newer ones; returns the stop. */
export type FollowReports = (onReports: (reports: readonly FreshnessReport[]) => void) => () => void;

export function freshnessStreams(open: () => Promise<FollowReports>) {
  return {
    async freshness(tell: (reports: readonly FreshnessReport[]) => void) {
      return (await open())(tell);
    },
  };
}

/** What the primary's monitor last found, in a worker. */
export async function followLinkedReports(link: Link): Promise<FreshnessMonitor & Disposable> {
  const primary = asking<Record<never, never>, ReturnType<typeof freshnessStreams>>(link);
  let reports: ReadonlyMap<string, FreshnessReport> = new Map();
  const stop = await primary.follow('freshness', (newer) => {
    reports = new Map(newer.map((report) => [report.view, report]));
  });
  return { report: (view) => reports.get(view) ?? null, [Symbol.dispose]: stop };
}
