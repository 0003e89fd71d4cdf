import type { TrainingDataset } from '../../subgraphs/offline/datasets/dataset.ts';
import { at, type OfflineGraph } from './offline-graph.ts';

const create = `mutation ($input: CreateTrainingDatasetInput!) {
  createTrainingDataset(input: $input) { dataset { id state name } errors { code message path remedy } }
}`;

export const spineRows = [
  { user_id: 'a', at: at(30), label: true },
  { user_id: 'b', at: at(90), label: false },
  { user_id: null, at: at(90), label: null },
  { user_id: 'a', at: at(90), label: true },
];

/** Orders a dataset, which must be accepted; its id. */
export async function orderDataset(graph: OfflineGraph, input: Record<string, unknown>): Promise<string> {
  const { data, errors } = await graph.run(create, { input: { name: 'd', ...input } });
  if (errors !== undefined || data.createTrainingDataset.dataset === null)
    throw new Error(JSON.stringify({ data, errors }));
  return data.createTrainingDataset.dataset.id;
}

/** What is wrong with an order that must be refused. */
export async function refusedOrder(graph: OfflineGraph, input: Record<string, unknown>) {
  const { data } = await graph.run(create, { input: { name: 'd', ...input } });
  if (data.createTrainingDataset.dataset !== null) throw new Error('the order was accepted');
  return data.createTrainingDataset.errors[0];
}

/** The dataset when its job has ended. */
export async function finishedDataset({ ground }: OfflineGraph, id: string): Promise<TrainingDataset> {
  for (;;) {
    const dataset = (await ground.documents.getDocument('datasets', id)) as TrainingDataset;
    if (dataset.finishedAt !== null) return dataset;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
