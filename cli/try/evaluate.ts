import type { CellStatus, CompiledView, ServiceMember, ViewReading } from '../../core/definitions/compiled.ts';
import type { Definitions } from '../../core/definitions/model.ts';
import { evaluateOnDemand } from '../../core/on-demand/evaluate.ts';
import { missingRequestInput } from '../../core/on-demand/request-input.ts';
import type { JoinMode } from '../../core/ports/offline-store.ts';
import { formatInstant, toJson } from '../../core/values/json.ts';
import { NumberText } from '../../core/values/parse-json.ts';
import { definedIn } from '../definitions/defined-in.ts';
import { compileWithFunctions } from '../functions/compile.ts';
import { createFailedCalls } from '../functions/failed-calls.ts';
import { derivedAnomalies, requestTimeAnomalies, rowAnomalies } from './expression-anomalies.ts';
import { buildHistory, type RowFile, type SourceHistory } from './history.ts';
import type { InputRow } from './input-row.ts';
import { columnOf, columnPath } from './input-row.ts';
import { planTry, type TryPlan } from './plan.ts';
import type { TryExecutor } from './question.ts';
import { parseSpine, requestValue, type SpineRow, spineValue } from './spine.ts';
import { sumOverflows } from './sum-overflow.ts';
import { unknownSource } from './unknown-source.ts';

/** Definitions, what happened, and what is asked. */
export interface TryCase {
  readonly definitions: Definitions;
  /** Per source the files with its rows; a source without any has no history. */
  readonly rows: ReadonlyMap<string, readonly RowFile[]>;
  readonly spine: readonly InputRow[];
  readonly mode: JoinMode;
  /** A value that is not of its column's type is an error rather than a dead row. */
  readonly strict: boolean;
  readonly places: CasePlaces;
}

/** Where the parts of a case were given, for error messages. */
export interface CasePlaces {
  readonly definitions: string;
  readonly mode: string;
  rows(source: string): string;
}

/** One spine row's answer, as it is printed. */
export interface TryAnswer {
  readonly row: number;
  readonly keys: Readonly<Record<string, unknown>>;
  readonly time: string;
  /** `view.feature` → value; int64 beyond 2^53 and decimals as text. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly status: Readonly<Record<string, CellStatus>>;
  readonly view: Readonly<Record<string, { readonly status: CellStatus; readonly eventTime: string | null }>>;
  /** The spine's other columns; absent when it has none. */
  readonly columns?: Readonly<Record<string, unknown>>;
}

export interface TryResult {
  readonly answers: readonly TryAnswer[];
  readonly histories: readonly SourceHistory[];
  /** Columns of the spine that have a meaning: join keys and request inputs. */
  readonly inputs: readonly string[];
  /** The views that were read. */
  readonly views: readonly CompiledView[];
  /** Calls of the user's functions that gave NULL, and why. */
  readonly failedCalls: readonly string[];
  /** Values that became NULL in expressions and sums, and why. To find out takes as long as to answer. */
  anomalies(): readonly string[];
}

/**
 * Evaluates every feature of every view for every spine row, in its order.
 *
 * @throws AsofError BAD_DEFINITION, or BAD_INPUT naming file, line and column
 */
export async function evaluateCase(input: TryCase, executor: TryExecutor): Promise<TryResult> {
  const failedCalls = createFailedCalls();
  const { definitions, places } = input;
  const registry = await definedIn(places.definitions, () => compileWithFunctions(definitions, failedCalls.onFailure));
  const plan = planTry(registry, definitions, input.spine);
  for (const name of input.rows.keys()) {
    if (!plan.registry.sources.has(name)) throw unknownSource(name, plan.registry.sources.keys(), places.rows(name));
  }
  const sources = new Set([...plan.registry.sources.values(), ...plan.reads.map(({ view }) => view.source)]);
  const histories = new Map(
    [...sources].map((source) => [source, buildHistory(source, input.rows.get(source.name) ?? [], input.strict)]),
  );
  const spine = parseSpine(input.spine);
  requireRequestInputs(plan, spine);
  const rows = spine.map((row) => ({
    place: row.input.place,
    time: row.time,
    knownAt: row.knownAt,
    keys: plan.reads.map(({ view, joinColumns }) =>
      joinColumns.map((name, part) => spineValue(row, name, view.key[part]!.type)),
    ),
  }));
  const question = { members: plan.reads, histories, rows, mode: input.mode, modePlace: places.mode };
  const readings = await executor.answer(question);
  const views = [...new Set(plan.reads.map(({ view }) => view))];
  return {
    answers: spine.map((row, index) => answer(plan, index, row, readings[index]!)),
    histories: [...histories.values()],
    inputs: plan.inputs,
    views,
    failedCalls: failedCalls.texts(),
    anomalies: () => [
      ...views.flatMap((view) => [...rowAnomalies(view, histories.get(view.source)!), ...derivedAnomalies(view)]),
      ...sumOverflows(question),
      ...spine.flatMap((row, index) => requestTimeAnomalies(plan, row, readings[index]!)),
    ],
  };
}

/** A row without the input has NULL, as in any table; but some row must have it. */
function requireRequestInputs({ onDemand }: TryPlan, spine: readonly SpineRow[]): void {
  const [first] = spine;
  if (first === undefined) return;
  const missing = onDemand.flatMap(({ inputs }) => inputs).find(({ name }) => isLacking(spine, name));
  if (missing === undefined) return;
  const { values } = first.input;
  throw missingRequestInput(
    missing,
    columnPath(first.input, missing.name),
    `the columns ${Object.keys(values).join(', ')}`,
  );
}

function isLacking(spine: readonly SpineRow[], name: string): boolean {
  return spine.every((row) => columnOf(row.input, name) === undefined);
}

interface Cells {
  readonly values: Record<string, unknown>;
  readonly status: Record<string, CellStatus>;
}

function answer(plan: TryPlan, index: number, row: SpineRow, readings: readonly ViewReading[]): TryAnswer {
  const cells: Cells = { values: {}, status: {} };
  const view: Record<string, { status: CellStatus; eventTime: string | null }> = {};
  for (const [position, member] of plan.members.entries()) {
    const reading = readings[position]!;
    addMember(cells, member, reading);
    const { status, eventTime } = reading;
    view[member.alias] = { status, eventTime: eventTime === null ? null : formatInstant(eventTime) };
  }
  addOnDemand(cells, plan, row, readings);
  const columns = otherColumns(plan, row);
  return {
    row: index,
    keys: keysOf(plan, row),
    time: formatInstant(row.time),
    ...cells,
    view,
    ...(Object.keys(columns).length === 0 ? {} : { columns }),
  };
}

function addMember({ values, status }: Cells, { alias, view, features }: ServiceMember, reading: ViewReading): void {
  for (const [position, index] of features.entries()) {
    const { name, type } = view.features[index]!;
    values[`${alias}.${name}`] = toJson(type, reading.values[position]!);
    status[`${alias}.${name}`] = reading.statuses[position]!;
  }
}

function addOnDemand({ values, status }: Cells, plan: TryPlan, row: SpineRow, readings: readonly ViewReading[]): void {
  for (const { service, inputs } of plan.onDemand) {
    const request = inputs.map((input) => requestValue(row, input));
    const used = service.members.map((member) => readings[plan.reads.indexOf(member)]!);
    for (const { view, ...reading } of evaluateOnDemand(service, used, request)) {
      for (const [position, { name, type }] of view.features.entries()) {
        values[`${view.name}.${name}`] = toJson(type, reading.values[position]!);
        status[`${view.name}.${name}`] = reading.statuses[position]!;
      }
    }
  }
}

function keysOf(plan: TryPlan, row: SpineRow): Record<string, unknown> {
  const keys: Record<string, unknown> = {};
  for (const { view, joinColumns } of plan.reads) {
    for (const [part, name] of joinColumns.entries()) {
      const { type } = view.key[part]!;
      if (columnOf(row.input, name) !== undefined) keys[name] = toJson(type, spineValue(row, name, type));
    }
  }
  return keys;
}

function otherColumns(plan: TryPlan, { input }: SpineRow): Record<string, unknown> {
  const joinKeys = new Set(plan.reads.flatMap(({ joinColumns }) => joinColumns));
  const other = Object.entries(input.values).filter(
    ([name]) => name !== '__time' && name !== '__knownAt' && !joinKeys.has(name),
  );
  return Object.fromEntries(other.map(([name, value]) => [name, printable(value)]));
}

/** Integers beyond ±(2^53−1) as text, however deep they stand. */
function printable(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(printable);
  if (typeof value !== 'object' || value === null || value instanceof NumberText) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, printable(part)]));
}
