import { AsofError } from '../../../core/errors/asof-error.ts';
import { formatInstant, toJson } from '../../../core/values/json.ts';
import type { Instant, Value, ValueType } from '../../../core/values/types.ts';
import type { Admission } from '../../../runtime/admission.ts';
import { type Route, readJsonBody, sendJson } from '../../../runtime/http-route.ts';
import type { PushInput, PushPayload } from '../push.ts';
import { type FeastColumn, type FeastDeps, type FeastQuestion, readForFeast } from './feast-read.ts';

export interface FeastHttpDeps extends FeastDeps {
  readonly push: (input: PushInput) => Promise<PushPayload>;
  readonly admission: Admission;
  readonly bodyBytes: number;
}

/** What Feast's Python feature server answers at these paths, for its `remote` online store and for programs that call it. */
export function feastHttpRoutes(deps: FeastHttpDeps): readonly Route[] {
  return [
    {
      path: '/get-online-features',
      methods: ['POST'],
      async handle(request, response) {
        const leave = deps.admission.enter();
        try {
          const columns = await readForFeast(deps, questionOf(await readJsonBody(request, deps.bodyBytes)));
          sendJson(response, 200, answerOf(columns));
        } finally {
          leave();
        }
      },
    },
    {
      path: '/push',
      methods: ['POST'],
      needs: 'writer',
      async handle(request, response) {
        const leave = deps.admission.enter();
        try {
          const { rejected } = await deps.push(pushOf(await readJsonBody(request, deps.bodyBytes)));
          if (rejected.length > 0) throw rejectedRows(rejected);
          sendJson(response, 200, null);
        } finally {
          leave();
        }
      },
    },
  ];
}

type Row = Readonly<Record<string, unknown>>;

function questionOf(body: unknown): FeastQuestion {
  const { feature_service: service, features, entities, full_feature_names: isFull } = objectOf(body, 'the body');
  if (service !== undefined && service !== null && typeof service !== 'string') {
    throw refused('feature_service', 'a name', service);
  }
  const names = features ?? [];
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    throw refused('features', 'a list of `view:feature`', features);
  }
  return {
    featureService: service ?? null,
    features: names,
    entities: columnsOf(entities ?? {}, 'entities'),
    fullFeatureNames: isFull === true,
  };
}

function pushOf(body: unknown): PushInput {
  const { push_source_name: source, df } = objectOf(body, 'the body');
  if (typeof source !== 'string') throw refused('push_source_name', 'the name of a source', source);
  const columns = Object.entries(columnsOf(df, 'df'));
  const rows = Math.max(0, ...columns.map(([, values]) => values.length));
  const short = columns.find(([, values]) => values.length !== rows);
  if (short !== undefined) throw refused(`df.${short[0]}`, `${rows} values, as in other columns`, short[1].length);
  const rowAt = (row: number): Row => Object.fromEntries(columns.map(([name, values]) => [name, values[row]]));
  return { source, events: Array.from({ length: rows }, (_, row) => rowAt(row)) };
}

function columnsOf(given: unknown, path: string): Readonly<Record<string, readonly unknown[]>> {
  const columns = objectOf(given, path);
  for (const [name, values] of Object.entries(columns)) {
    if (!Array.isArray(values)) throw refused(`${path}.${name}`, 'a list of values', values);
  }
  return columns as Readonly<Record<string, readonly unknown[]>>;
}

function objectOf(given: unknown, path: string): Row {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw refused(path, 'a JSON object', given);
  return given as Row;
}

function refused(path: string, expected: string, got: unknown): AsofError {
  const shown = (JSON.stringify(got) ?? 'nothing').slice(0, 80);
  return new AsofError('BAD_INPUT', 'the request is not readable', { path, expected, got: shown });
}

/** Feast has no way to say that some rows were taken and some were not; the rest is applied all the same. */
function rejectedRows(rejected: PushPayload['rejected']): AsofError {
  return new AsofError('BAD_RECORD', `${rejected.length} rows were refused, and kept as dead letters`, {
    path: 'df',
    got: rejected
      .slice(0, 3)
      .map(({ message }) => message)
      .join('; '),
    remedy: 'The other rows were taken: send only these again.',
  });
}

function answerOf(columns: readonly FeastColumn[]) {
  return {
    metadata: { feature_names: columns.map(({ name }) => name) },
    results: columns.map(({ type, values, statuses, eventTimes }) => ({
      values: values.map((value) => jsonOf(type, value)),
      statuses,
      event_timestamps: eventTimes.map(formatInstant),
    })),
  };
}

/** As Feast's server has it: instants are seconds. */
function jsonOf(type: ValueType, value: Value): unknown {
  if (value === null) return null;
  if (type.kind === 'timestamp') return Math.floor((value as Instant) / 1_000);
  if (type.kind === 'list') return (value as readonly Value[]).map((one) => jsonOf(type.element, one));
  return toJson(type, value);
}
