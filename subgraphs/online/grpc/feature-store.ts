import type { CompiledRegistry } from '../../../core/definitions/registry-view.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import type { OnlineReader } from '../../../core/online/reader.ts';
import type { SystemClock } from '../../../core/ports/clocks.ts';
import type { Value } from '../../../core/values/types.ts';
import {
  type BatchGetFeaturesRequest,
  featureStoreMethods,
  type GetFeaturesRequest,
} from '../../../runtime/grpc/generated/feature_store.ts';
import { type GrpcRoute, grpcRoute } from '../../../runtime/grpc/grpc-route.ts';
import { batchedReader } from '../batched-reads.ts';
import type { OnlineLimits } from '../deps.ts';
import { type FeatureList, featuresNamed, featuresOfService } from '../feature-list.ts';
import { knownService } from '../names.ts';
import { createRequestBudget } from '../request-budget.ts';
import { readService } from '../service-read.ts';
import { type InputColumns, keyShape, parseColumns, requestShape } from '../vector-input.ts';
import { entityIdsOf } from './entity-ids.ts';
import { inputsOf } from './feature-values.ts';
import { type AnsweredRows, writeBatch, writeOne } from './write-features.ts';

export interface FeatureStoreDeps {
  readonly registry: () => CompiledRegistry;
  readonly reader: OnlineReader;
  readonly systemClock: SystemClock;
  readonly limits: OnlineLimits;
}

/** The service of schema/feature_store.proto. */
export function featureStoreRoutes(deps: FeatureStoreDeps): readonly GrpcRoute[] {
  const reader = batchedReader(deps.reader);

  async function read(asked: AskedRows): Promise<AnsweredRows> {
    const registry = deps.registry();
    const { service, serviceVersion, featureNames } = asked;
    if (service !== '' && featureNames.length > 0) throw bothNamed(service);
    const list =
      service === ''
        ? featuresNamed(registry, featureNames)
        : featuresOfService(knownService(registry, service, serviceVersion === 0 ? null : serviceVersion));
    const { ids, rows, keys } = keysAsked(registry, list, asked);
    const budget = createRequestBudget(deps);
    budget.takeRows(list.label, rows);
    budget.takeValues(list.label, rows * list.columns.length);
    const request = inputsAsked(list, asked, rows);
    const reading = await readService({ reader, budget }, list.service, {
      keys,
      request,
      rows,
      at: null,
      withStatuses: true,
    });
    return { list, reading, ids, rows, withEventTimes: asked.withEventTimes };
  }

  const one = async (asked: GetFeaturesRequest): Promise<Buffer> => writeOne(await read(asRows(asked)));
  const batch = async (asked: BatchGetFeaturesRequest): Promise<Buffer> => writeBatch(await read(asked));
  return [
    grpcRoute(featureStoreMethods.getFeatures, one),
    grpcRoute(featureStoreMethods.batchGetFeatures, batch),
    grpcRoute(featureStoreMethods.streamFeatures, batch, (failure) => ({ failure })),
  ];
}

interface AskedRows extends BatchGetFeaturesRequest {
  /** One entity is meant, so that an id that is not there is the empty text. */
  readonly isOne?: boolean;
}

const nothing: readonly never[] = [];

/** Written out: of another shape than a batch's it would be slower to read. */
function asRows(asked: GetFeaturesRequest): AskedRows {
  const { entityId, keys, request } = asked;
  return {
    entityIds: entityId === '' ? nothing : [entityId],
    featureNames: asked.featureNames,
    service: asked.service,
    serviceVersion: asked.serviceVersion,
    keys: keys.size === 0 ? nothing : [{ values: keys }],
    request: request.size === 0 ? nothing : [{ values: request }],
    withEventTimes: asked.withEventTimes,
    isOne: true,
  };
}

interface AskedKeys {
  /** By which rows are told apart in the answer; null = by their order. */
  readonly ids: readonly string[] | null;
  readonly rows: number;
  readonly keys: InputColumns;
}

function keysAsked(registry: CompiledRegistry, list: FeatureList, asked: AskedRows): AskedKeys {
  const { entityIds, keys, isOne = false } = asked;
  const { joinColumns } = list.service;
  if (entityIds.length > 0 && keys.length > 0) {
    throw new AsofError('BAD_INPUT', 'entities are named twice', {
      path: 'keys',
      expected: 'entity ids or keys',
      got: 'both',
    });
  }
  if (keys.length > 0) {
    const rows = keys.map(({ values }) => inputsOf(values));
    return { ids: null, rows: keys.length, keys: parseColumns(keyShape(list.service, list.label), rows) };
  }
  const ids = isOne ? [entityIds[0] ?? ''] : [...new Set(entityIds)];
  const readId = entityIdsOf(registry, list);
  if (readId === null) return { ids, rows: ids.length, keys: { rows: ids.length, columns: [] } };
  if (isOne && entityIds.length === 0) throw noEntity(joinColumns.map(({ name }) => name));
  const path = isOne ? 'entity_id' : 'entity_ids';
  const each = ids.map((id, row): Value => readId(id, isOne ? path : `${path}[${row}]`));
  return { ids, rows: ids.length, keys: { rows: ids.length, columns: [{ each }] } };
}

function noEntity(columns: readonly string[]): AsofError {
  return new AsofError('BAD_INPUT', 'no entity is named', {
    path: 'entity_id',
    expected: `the key's text, or \`keys\` with ${columns.join(', ')}`,
    got: 'nothing',
  });
}

function bothNamed(service: string): AsofError {
  return new AsofError('BAD_INPUT', 'features are named twice', {
    path: 'service',
    expected: 'feature names or a service',
    got: `both (service '${service.slice(0, 200)}')`,
  });
}

const noInputs: InputColumns = { rows: null, columns: [] };

/** Inputs of one row stand for all. */
function inputsAsked({ service, label }: FeatureList, { request }: AskedRows, rows: number): InputColumns {
  if (service.requestInputs.length === 0 && request.length === 0) return noInputs;
  const shape = requestShape(service, label);
  const [first] = request;
  if (request.length <= 1) return parseColumns(shape, first === undefined ? {} : inputsOf(first.values));
  if (request.length !== rows) {
    throw new AsofError('BAD_INPUT', 'the inputs fit neither one row nor all', {
      path: 'request',
      expected: `${rows} inputs, or one`,
      got: String(request.length),
    });
  }
  return parseColumns(
    shape,
    request.map(({ values }) => inputsOf(values)),
  );
}
