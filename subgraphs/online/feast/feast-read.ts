import type { CellStatus } from '../../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../../core/definitions/registry-view.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import type { OnlineReader } from '../../../core/online/reader.ts';
import type { SystemClock } from '../../../core/ports/clocks.ts';
import type { Instant, Value, ValueType } from '../../../core/values/types.ts';
import type { OnlineLimits } from '../deps.ts';
import { type FeatureColumn, type FeatureList, featuresNamed, featuresOfService } from '../feature-list.ts';
import { knownService, unknownName } from '../names.ts';
import { createRequestBudget } from '../request-budget.ts';
import { cellAt, typeOfColumn } from '../service-cells.ts';
import { readService } from '../service-read.ts';
import { type InputColumns, keyShape, parseColumns, requestShape, valueAt } from '../vector-input.ts';

export interface FeastDeps {
  readonly registry: () => CompiledRegistry;
  readonly reader: OnlineReader;
  readonly systemClock: SystemClock;
  readonly limits: OnlineLimits;
}

/** As a client of Feast asks. */
export interface FeastQuestion {
  readonly featureService: string | null;
  /** `view:feature` each. */
  readonly features: readonly string[];
  /** Columns of join keys, and of inputs of on-demand features. */
  readonly entities: Readonly<Record<string, readonly unknown[]>>;
  readonly fullFeatureNames: boolean;
}

/** What Feast says of a value (feast.serving.FieldStatus). */
export type FeastStatus = 'INVALID' | 'PRESENT' | 'NULL_VALUE' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE';

/** One feature, or join key, of all rows. */
export interface FeastColumn {
  readonly name: string;
  readonly type: ValueType;
  readonly values: readonly Value[];
  readonly statuses: readonly FeastStatus[];
  /** The epoch where there is none, as Feast has it. */
  readonly eventTimes: readonly Instant[];
}

const statuses: Readonly<Record<CellStatus, FeastStatus>> = {
  PRESENT: 'PRESENT',
  NULL: 'NULL_VALUE',
  NOT_FOUND: 'NOT_FOUND',
  EXPIRED: 'OUTSIDE_MAX_AGE',
  NOT_READY: 'INVALID',
  UNAVAILABLE: 'INVALID',
};

/**
 * The columns that Feast answers with: join keys first, then features in the order in which they were asked for. A value
 * that is a declared default is PRESENT: Feast's clients read no others. UNKNOWN_NAME, BAD_INPUT or LIMIT_EXCEEDED as
 * for feature vectors.
 */
export async function readForFeast(deps: FeastDeps, asked: FeastQuestion): Promise<readonly FeastColumn[]> {
  const list = listAsked(deps.registry(), asked);
  const names = outputNames(list, asked.fullFeatureNames);
  const { keys, request, rows } = inputsAsked(list, asked);
  const budget = createRequestBudget(deps);
  budget.takeRows(list.label, rows);
  budget.takeValues(list.label, rows * list.columns.length);
  const reading = await readService({ reader: deps.reader, budget }, list.service, {
    keys,
    request,
    rows,
    at: null,
    withStatuses: true,
  });
  const each = Array.from({ length: rows }, (_, row) => row);
  const joined = list.service.joinColumns.map(
    ({ name, type }, index): FeastColumn => ({
      name,
      type,
      values: each.map((row) => valueAt(keys.columns[index]!, row)),
      statuses: each.map(() => 'PRESENT'),
      eventTimes: each.map(() => 0),
    }),
  );
  const read = list.columns.map((column, index): FeastColumn => {
    const cells = each.map((row) => cellAt(reading, column.place, row));
    return {
      name: names[index]!,
      type: typeOfColumn(list, column),
      values: cells.map(({ value }) => value),
      statuses: cells.map(({ status, defaulted, value }) =>
        defaulted && value !== null ? 'PRESENT' : statuses[status],
      ),
      eventTimes: cells.map(({ eventTime }) => eventTime ?? 0),
    };
  });
  return [...joined, ...read];
}

function listAsked(registry: CompiledRegistry, { featureService, features }: FeastQuestion): FeatureList {
  return featureService === null
    ? featuresNamed(registry, features)
    : featuresOfService(knownService(registry, featureService, null));
}

/** Names without their views have to be told apart. */
function outputNames({ columns }: FeatureList, isFull: boolean): readonly string[] {
  const full = ({ view, feature }: FeatureColumn): string => `${view}__${feature}`;
  if (isFull) return columns.map(full);
  for (const [index, { feature }] of columns.entries()) {
    const other = columns.findIndex((column) => column.feature === feature);
    if (other === index) continue;
    throw new AsofError('BAD_INPUT', `two features are named '${feature}'`, {
      path: 'features',
      expected: 'full_feature_names, or features of different names',
      got: `${columns[other]!.name} and ${columns[index]!.name}`,
      remedy: 'Set full_feature_names: they are named view__feature then.',
    });
  }
  return columns.map(({ feature }) => feature);
}

interface Inputs {
  readonly keys: InputColumns;
  readonly request: InputColumns;
  readonly rows: number;
}

function inputsAsked({ service, label }: FeatureList, question: FeastQuestion): Inputs {
  const [keyNames, requestNames] = [service.joinColumns, service.requestInputs].map((fields) =>
    fields.map(({ name }) => name),
  ) as [string[], string[]];
  const known = [...keyNames, ...requestNames];
  const entities = asksForNobody(question)
    ? Object.fromEntries(known.map((name): [string, unknown[]] => [name, []]))
    : question.entities;
  const unknown = Object.keys(entities).find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownName(`column of ${label}`, unknown, known, `entities.${unknown}`);
  const lengths = new Set(Object.values(entities).map((column) => column.length));
  if (lengths.size > 1) {
    throw new AsofError('BAD_INPUT', 'columns differ in their number of rows', {
      path: 'entities',
      expected: 'as many values in each column',
      got: Object.entries(entities)
        .map(([name, column]) => `${name}: ${column.length}`)
        .join(', '),
    });
  }
  const given = (names: readonly string[]) =>
    Object.fromEntries(Object.entries(entities).filter(([name]) => names.includes(name)));
  return {
    keys: parseColumns(keyShape(service, label), given(keyNames)),
    request: parseColumns(requestShape(service, label), given(requestNames)),
    rows: [...lengths][0] ?? 1,
  };
}

/** Feast's remote online store takes the names of columns from the rows: without a row it sends one without a name. */
function asksForNobody({ entities }: FeastQuestion): boolean {
  const columns = Object.entries(entities);
  return columns.length === 1 && columns[0]![0] === '' && columns[0]![1].length === 0;
}
