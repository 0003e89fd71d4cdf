import type { CompiledView, SourceRecord } from '../../core/definitions/compiled.ts';
import type { PayloadFormat } from '../../core/definitions/model.ts';
import { groupByKey } from '../../core/online/group-by-key.ts';
import type { AppliedBatch } from '../../core/online/writer.ts';
import type { LogBatch } from '../../core/ports/event-log.ts';
import type { LiveMessage } from '../../core/ports/live-bus.ts';
import { toJson } from '../../core/values/json.ts';
import type { AdoptedViews } from './adoption.ts';
import { decodeBatch, formatOf, type ParsedBatch, parseBatch } from './decode.ts';
import type { BatchReport, IngestDeps } from './deps.ts';
import type { LetterBox } from './letters.ts';
import type { SourceRoute } from './routes.ts';
import { type IngestStatistics, noStatistics } from './statistics.ts';

type ApplyDeps = Pick<IngestDeps, 'writer' | 'offline' | 'codecs' | 'bus' | 'clock' | 'systemClock' | 'onBatch'> & {
  readonly fillOf: AdoptedViews['fillOf'];
  readonly deadLetters: LetterBox;
};

/**
 * Brings one batch into both stores, offline first, so that what a read has seen online can be asked `asOf` at once.
 * Both skip what they hold: a batch that failed half-way is simply applied again.
 */
export function createBatchApplier(
  deps: ApplyDeps,
  statistics: IngestStatistics,
): (batch: LogBatch, routes: readonly SourceRoute[]) => Promise<void> {
  const { offline, bus, deadLetters, clock, systemClock } = deps;

  async function applyRoute({ source, views }: SourceRoute, records: readonly SourceRecord[]): Promise<ViewUpdate[]> {
    await offline.append(source, records);
    const live = views.flatMap((view) => {
      const fill = deps.fillOf(view);
      return fill === undefined ? [] : [applyView(deps, { view, fill }, records)];
    });
    return await Promise.all(live);
  }

  return async (batch, routes) => {
    const startedAt = systemClock.nowMillis();
    const parsedAs = new Map<PayloadFormat | null, ParsedBatch>();
    /** Once for each format, however many sources read the topic. */
    const parsed = async (format: PayloadFormat | null): Promise<ParsedBatch> => {
      const known = parsedAs.get(format) ?? (await parseBatch(batch, format, deps.codecs));
      parsedAs.set(format, known);
      return known;
    };
    const report = { records: batch.records.length, rejected: 0, late: 0, future: 0, duplicates: 0 };
    const updates: LiveMessage[] = [];
    for (const route of routes) {
      const { records, letters } = decodeBatch(route.source, await parsed(formatOf(route.source)));
      if (letters.length > 0) await deadLetters.put(letters);
      const applied = records.length === 0 ? [] : await applyRoute(route, records);
      const counts = summed(applied);
      report.rejected += letters.length;
      report.late += counts.late;
      report.future += counts.future;
      report.duplicates += counts.duplicates;
      updates.push(...applied.flatMap(({ message }) => message ?? []));
      statistics.add(route.source.name, {
        ...counts,
        records: batch.records.length,
        rejected: letters.length,
        ...timesOf(records, clock.now()),
      });
    }
    await Promise.all(updates.map((update) => bus.publish(update)));
    const { topic, partition } = batch;
    const done: BatchReport = { topic, partition, ...report, applyMillis: systemClock.nowMillis() - startedAt };
    deps.onBatch?.(done);
  };
}

interface ViewUpdate {
  readonly applied: AppliedBatch;
  readonly message: LiveMessage | null;
}

async function applyView(
  { writer }: Pick<IngestDeps, 'writer'>,
  { view, fill }: { readonly view: CompiledView; readonly fill: string },
  records: readonly SourceRecord[],
): Promise<ViewUpdate> {
  const applied = await writer.apply(view, groupByKey(view, records), fill);
  const { changedKeys, newestEventTime, newestKnownTime } = applied;
  if (newestEventTime === null || newestKnownTime === null) return { applied, message: null };
  const message: LiveMessage = {
    kind: 'featureUpdate',
    view: view.name,
    version: view.version,
    keys: changedKeys.map((key) => key.map((part, index) => toJson(view.key[index]!.type, part))),
    eventTime: newestEventTime,
    arrival: newestKnownTime,
  };
  return { applied, message };
}

function summed(updates: readonly ViewUpdate[]): Pick<typeof noStatistics, 'late' | 'future' | 'duplicates'> {
  const sum = { late: 0, future: 0, duplicates: 0 };
  for (const { applied } of updates) {
    sum.late += applied.counts.late;
    sum.future += applied.counts.future;
    sum.duplicates += applied.counts.duplicate;
  }
  return sum;
}

function timesOf(
  records: readonly SourceRecord[],
  now: number,
): Pick<typeof noStatistics, 'eventTimeLagMillis' | 'pipelineLatencyMillis'> {
  if (records.length === 0) return noStatistics;
  const arrival = newest(records, 'knownTime');
  return {
    eventTimeLagMillis: arrival - newest(records, 'eventTime'),
    pipelineLatencyMillis: Math.max(0, now - arrival),
  };
}

function newest(records: readonly SourceRecord[], time: 'eventTime' | 'knownTime'): number {
  return records.reduce((latest, record) => Math.max(latest, record[time]), Number.NEGATIVE_INFINITY);
}
