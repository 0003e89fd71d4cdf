import type { CompiledSource } from '../../../core/definitions/compiled.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import type { JoinRequest } from '../../../core/ports/offline-store.ts';
import type { Session } from '../engine.ts';
import type { ExpressionCompiler } from '../expression-function.ts';
import { joinAggregates } from './aggregates.ts';
import { membersToJoin, planOnDemand } from './on-demand.ts';
import { type JoinResult, memberTable } from './result.ts';
import { joinRows } from './rows.ts';
import { loadSpine } from './spine.ts';

export interface JoinTools {
  readonly session: Session;
  readonly expressions: ExpressionCompiler;
  /** A query for a source's whole history, the same throughout the join. */
  history(source: CompiledSource): string;
}

/** Loads the spine and fills the tables m0, m1, … with the members' values; `result.ts` reads them. */
export async function runJoin(tools: JoinTools, request: JoinRequest): Promise<JoinResult> {
  const { session, expressions } = tools;
  const { members, mode } = request;
  const joined = membersToJoin(request);
  const spine = await loadSpine(session, { ...request, members: joined });
  const onDemand = await planOnDemand(session, spine, request, joined);
  for (const [index, member] of joined.entries()) {
    const output = memberTable(index);
    const history = tools.history(member.view.source);
    if (member.view.kind === 'rows') await joinRows({ session, spine, member, history }, output);
    else await joinAggregates({ session, spine, member, mode, history, expressions }, output);
    const rows = Number(await session.one(`SELECT count(*) FROM ${output}`));
    if (rows !== spine.rows) {
      throw new AsofError('INTERNAL', `the join changed the rows of the spine at ${member.alias}`, {
        expected: `${spine.rows} rows`,
        got: `${rows} rows`,
      });
    }
    request.onProgress?.(Math.floor((spine.rows * (index + 1)) / (joined.length + 1)), spine.rows);
  }
  return { spine, members, joined, onDemand };
}
