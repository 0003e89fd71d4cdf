import { AsofError } from '../../core/errors/asof-error.ts';
import type { LiveBus, LiveListener } from '../../core/ports/live-bus.ts';
import { createPushStream, mapStream } from '../../runtime/streams.ts';
import { isFinished, type TrainingDataset } from './datasets/dataset.ts';
import type { TrainingDatasets } from './datasets/training-datasets.ts';

export interface ProgressEvent {
  readonly dataset: TrainingDataset;
  readonly cursor: string | null;
  readonly lagged: boolean;
}

/**
 * The job as it is now, then at each change, until it is finished. A slow reader gets the latest state alone: nothing
 * is lost by that, each event says all.
 */
export async function datasetProgress(
  { bus, datasets }: { readonly bus: LiveBus; readonly datasets: TrainingDatasets },
  id: string,
  after: string | null,
): Promise<AsyncGenerator<ProgressEvent, void, undefined>> {
  const found = await datasets.get(id);
  if (found === null) {
    throw new AsofError('UNKNOWN_NAME', `there is no training dataset "${id}"`, {
      path: 'id',
      remedy: 'List them with `trainingDatasets`.',
    });
  }
  let close = (): void => {};
  const changes = createPushStream<Pick<ProgressEvent, 'cursor' | 'lagged'>>({
    enqueue: (queue, latest) => {
      const lagged = latest.lagged || queue.some((earlier) => earlier.lagged);
      queue.splice(0, queue.length, { ...latest, lagged });
    },
    onEnd: () => close(),
  });
  let cursor = after;
  const listener: LiveListener = {
    onEvent(event) {
      if (event.message.kind !== 'datasetProgress' || event.message.datasetId !== id) return;
      cursor = event.cursor;
      changes.push({ cursor, lagged: false });
    },
    onGap: () => void changes.push({ cursor, lagged: true }),
  };
  const subscription = await bus.subscribe(['datasetProgress'], listener, after ?? undefined);
  close = () => subscription.close();
  changes.push({ cursor, lagged: false });
  return mapStream(changes.values, async (event) => {
    const dataset = (await datasets.get(id)) ?? found;
    if (isFinished(dataset)) changes.end();
    return { ...event, dataset };
  });
}
