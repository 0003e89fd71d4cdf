import type { JoinRequest } from '../../../core/ports/offline-store.ts';
import type { ExpressionCompiler } from '../expression-function.ts';
import { joinAggregates } from './aggregates.ts';
import { type JoinedMember, memberOfTable } from './member.ts';
import { membersToJoin, planOnDemand } from './on-demand.ts';
import type { JoinResult } from './result.ts';
import { joinRows } from './rows.ts';
import { showSlice, wholeOf } from './slices.ts';
import { loadSpine, type SpineReader } from './spine.ts';

/** The history is the same throughout the join. */
export interface JoinTools extends SpineReader {
  readonly expressions: ExpressionCompiler;
  /** Whether views' statuses and event times are wanted beside the values. */
  readonly withViewStatus: boolean;
  /** How many rows of the spine are worked on at once, or somewhat more. */
  readonly sliceRows: number;
}

/** Loads the spine and joins the members, as far as it takes tables; `result.ts` reads the rows. */
export async function runJoin(tools: JoinTools, request: JoinRequest): Promise<JoinResult> {
  const { session, expressions, withViewStatus } = tools;
  const { members, mode } = request;
  const joined = membersToJoin(request);
  const loaded = await loadSpine(tools, { ...request, members: joined });
  const spine = { ...loaded, sliceRows: tools.sliceRows };
  await showSlice(session, wholeOf(spine));
  const onDemand = await planOnDemand(session, spine, request, joined);
  const found: JoinedMember[] = [];
  for (const [index, member] of joined.entries()) {
    const name = `m${index}`;
    const history = tools.history(member.view.source);
    if (member.view.kind === 'rows') found.push(await joinRows({ session, spine, member, history }, name));
    else {
      await joinAggregates({ session, spine, member, mode, history, expressions, withViewStatus }, name);
      found.push(memberOfTable(member, name));
    }
    request.onProgress?.(Math.floor((spine.rows * (index + 1)) / (joined.length + 1)), spine.rows);
  }
  return { spine, members, joined: found, onDemand };
}
