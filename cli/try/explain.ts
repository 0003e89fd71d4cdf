import { explain } from '../../core/explain/explain.ts';
import type { Explanation } from '../../core/explain/explanation.ts';
import { namedValues } from '../../core/explain/named-values.ts';
import { type FeatureChoice, findTarget } from '../../core/explain/target.ts';
import { explanationText } from '../../core/explain/text.ts';
import { recordsOfKey } from '../../core/oracle/counting.ts';
import type { JoinMode } from '../../core/ports/offline-store.ts';
import { parseInstant } from '../../core/values/parse.ts';
import { definedIn } from '../definitions/defined-in.ts';
import { loadDefinitions } from '../definitions/load.ts';
import { compileWithFunctions } from '../functions/compile.ts';
import { buildHistory } from './history.ts';
import { readRowFiles } from './run.ts';
import { unknownSource } from './unknown-source.ts';

export interface ExplainOnFilesOptions {
  readonly definitions: string;
  /** SOURCE=FILE; a source may be named several times. */
  readonly rows: readonly string[];
  readonly choice: FeatureChoice;
  readonly key: Readonly<Record<string, string>>;
  readonly request: Readonly<Record<string, string>>;
  readonly at: string;
  readonly knownAt: string;
  readonly mode: JoinMode;
  readonly limit: number;
  /** Hears of rows that an ingest would put into the dead letters. */
  readonly warn: (text: string) => void;
}

/**
 * Explains one feature over small files, as if they were all that ever happened.
 *
 * @throws AsofError BAD_DEFINITION, UNKNOWN_NAME, or BAD_INPUT naming file, line and column
 */
export async function explainOnFiles(
  options: ExplainOnFilesOptions,
): Promise<{ readonly explanation: Explanation; readonly text: string }> {
  const definitions = await loadDefinitions(options.definitions);
  const registry = await definedIn(options.definitions, () => compileWithFunctions(definitions));
  const files = await readRowFiles(options.rows);
  for (const name of files.keys()) {
    if (!registry.sources.has(name)) throw unknownSource(name, registry.sources.keys());
  }
  const target = findTarget(registry, options.choice);
  const { service, accepts } = target;
  const t = parseInstant(options.at, '--at');
  const question = {
    key: namedValues(service.joinColumns, accepts.joinColumns, options.key, '--key'),
    request: namedValues(service.requestInputs, accepts.requestInputs, options.request, '--request'),
    t,
    knownAt: parseInstant(options.knownAt, '--known-at'),
    mode: options.mode,
    limit: options.limit,
  };
  const { explanation } = await explain(target, question, async (view, { key, between: { start, end } }) => {
    const { records, dead } = buildHistory(view.source, files.get(view.source.name) ?? [], true);
    for (const { place, reason } of dead) options.warn(`${place} goes to the dead letters: ${reason}`);
    return recordsOfKey(view, records, key).filter(
      ({ eventTime }) => (start === null || eventTime >= start) && (end === null || eventTime < end),
    );
  });
  return { explanation, text: explanationText(explanation) };
}
