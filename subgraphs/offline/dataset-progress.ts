import { AsofError } from '../../core/errors/asof-error.ts';
import type { LiveBus } from '../../core/ports/live-bus.ts';
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
    enqueue: (queue, latest) => void queue.splice(0, queue.length, latest),
    onEnd: () => close(),
  });
  const subscription = bus.subscribe(
    ['datasetProgress'],
    ({ cursor, message }) => {
      if (message.kind === 'datasetProgress' && message.datasetId === id) changes.push({ cursor, lagged: false });
    },
    after ?? undefined,
  );
  close = () => subscription.close();
  changes.push({ cursor: after, lagged: subscription.lagged });
  return mapStream(changes.values, async (event) => {
    const dataset = (await datasets.get(id)) ?? found;
    if (isFinished(dataset)) changes.end();
    return { ...event, dataset };
  });
}
