import { compileWithFunctions } from '../../cli/functions/compile.ts';
import type { TryCase } from '../../cli/try/evaluate.ts';
import { buildHistory } from '../../cli/try/history.ts';
import { planTry } from '../../cli/try/plan.ts';
import { parseSpine, spineValue } from '../../cli/try/spine.ts';
import type { CompiledService } from '../../core/definitions/compiled.ts';
import type { Explained } from '../../core/explain/computed.ts';
import { explain } from '../../core/explain/explain.ts';
import type { ExplainTarget } from '../../core/explain/target.ts';
import { recordsOfKey } from '../../core/oracle/counting.ts';

/** One cell of a case, explained with every record listed. */
export interface ExplainedCell extends Explained {
  readonly row: number;
  /** `alias.feature`, as an answer names it. */
  readonly name: string;
}

/** Explains every feature under every alias, for every spine row. */
export async function explainCells(input: TryCase): Promise<ExplainedCell[]> {
  const registry = await compileWithFunctions(input.definitions);
  const plan = planTry(registry, input.definitions, input.spine);
  const histories = new Map(
    plan.reads.map(({ view: { source } }) => [
      source,
      buildHistory(source, input.rows.get(source.name) ?? [], input.strict).records,
    ]),
  );
  const cells: ExplainedCell[] = [];
  for (const [row, spineRow] of parseSpine(input.spine).entries()) {
    for (const target of targetsOf(plan)) {
      const { time: t, knownAt } = spineRow;
      const values = (fields: CompiledService['joinColumns']) =>
        new Map(fields.map(({ name, type }) => [name, spineValue(spineRow, name, type)]));
      const question = {
        key: values(target.service.joinColumns),
        request: values(target.service.requestInputs),
        t,
        knownAt,
        mode: input.mode,
        limit: Infinity,
      };
      const explained = await explain(target, question, async (view, { key, between: { start, end } }) =>
        recordsOfKey(view, histories.get(view.source)!, key).filter(
          ({ eventTime }) => (start === null || eventTime >= start) && (end === null || eventTime < end),
        ),
      );
      cells.push({ row, name: target.name, ...explained });
    }
  }
  return cells;
}

function targetsOf({ members, onDemand }: ReturnType<typeof planTry>): Pick<ExplainTarget, 'name' | 'service'>[] {
  const alone = { name: 'case', version: 1, definition: { name: 'case', version: 1, features: [] }, requestInputs: [] };
  const ofMembers = members.flatMap((member) => {
    const joinColumns = member.joinColumns.map((name, part) => ({ name, type: member.view.key[part]!.type }));
    return member.features.map((index) => ({
      name: `${member.alias}.${member.view.features[index]!.name}`,
      service: { ...alone, members: [{ ...member, features: [index] }], onDemand: [], joinColumns },
    }));
  });
  const ofRequests = onDemand.flatMap(({ service: { requestInputs, members: read, onDemand: views } }) =>
    views.flatMap((one) =>
      one.features.map((index) => ({
        name: `${one.view.name}.${one.view.features[index]!.name}`,
        service: {
          ...alone,
          members: [],
          onDemand: [{ ...one, features: [index] }],
          requestInputs,
          joinColumns: read.flatMap(({ view, joinColumns }) =>
            joinColumns.map((name, part) => ({ name, type: view.key[part]!.type })),
          ),
        },
      })),
    ),
  );
  return [...ofMembers, ...ofRequests];
}
