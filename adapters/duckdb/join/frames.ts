import { hopOf } from '../../../core/time/windows.ts';
import { integer } from '../quoting.ts';
import { extremesOf } from './events.ts';
import { createSpans, extremeSql } from './extremes.ts';
import { needsKernel } from './kernel-inputs.ts';
import { noKey } from './keys.ts';
import type { AggregatePlan } from './plan.ts';

/** An aggregate that cannot be had by subtraction: min, max, and sums of float64, whose difference would lose digits. */
interface Frame {
  readonly window: number;
  readonly slot: number;
  readonly call: 'min' | 'max' | 'sum';
  /** Names the frame's table and its column in it. */
  readonly column: string;
}

/** The column that holds an accumulator's raw value over a window. */
export function frameColumn(accumulator: number, window: number): string {
  return `frame_${accumulator}_${window}`;
}

/** Creates a table frame_a_w(r, frame_a_w) for each such aggregate and window; returns their names. */
export async function createFrames(plan: AggregatePlan): Promise<string[]> {
  const { session } = plan;
  const frames = framesOf(plan);
  for (const frame of frames) if (frame.call === 'sum') await sumFrame(plan, frame);
  for (const extreme of extremesOf(plan.slots.slots)) {
    await createSpans(session, extreme, plan.windows.length - 1);
    for (const { slot, call, window, column } of frames) {
      if (slot !== extreme.slot || call !== extreme.call) continue;
      await session.run(`CREATE OR REPLACE TEMP TABLE ${column} AS ${extremeSql(extreme, window, column)}`);
    }
    await session.run('DROP TABLE spans');
  }
  if (plan.hasInFlight) for (const frame of frames) await recompute(plan, frame);
  return frames.map((frame) => frame.column);
}

/** float64: one pass over events and rows together, in which each row's frame reaches over its window. */
async function sumFrame({ session }: AggregatePlan, { slot, window, column }: Frame): Promise<void> {
  const length = `u - l${window}`;
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${column} AS SELECT * FROM (
       SELECT r, sum(x) OVER (PARTITION BY kid ORDER BY t RANGE BETWEEN length PRECEDING AND 1 PRECEDING) AS ${column}
       FROM (
         SELECT kid, t, NULL AS r, x_${slot} AS x, 0 AS length FROM events WHERE e_${slot}
         UNION ALL SELECT kid, u, r, NULL, ${length} FROM bounds WHERE kid <> ${noKey}
       )
     ) WHERE r IS NOT NULL`,
  );
}

function framesOf({ member, windows, slots }: AggregatePlan): Frame[] {
  const { view } = member;
  const frames = new Map<string, Frame>();
  for (const feature of view.features) {
    if (!('windowMillis' in feature)) continue;
    const used = feature.kind === 'aggregate' ? [feature.accumulator] : [feature.numerator, feature.denominator];
    const window = windows.indexOf(feature.windowMillis);
    for (const accumulator of used) {
      const { definition, input } = view.accumulators[accumulator]!;
      if (needsKernel(view.accumulators[accumulator]!)) continue;
      const call = frameCall(definition.function, input?.type.kind);
      if (call === null) continue;
      const column = frameColumn(accumulator, window);
      frames.set(column, { window, slot: slots.slotOf[accumulator]!, call, column });
    }
  }
  return [...frames.values()];
}

function frameCall(name: string, inputKind: string | undefined): Frame['call'] | null {
  if (name === 'min' || name === 'max') return name;
  return (name === 'sum' || name === 'avg') && inputKind === 'float64' ? 'sum' : null;
}

/**
 * Where an event in flight may have decided the value, takes it anew from the events of that window alone. They are
 * matched by buckets as long as the window, so that a row meets its own stretch of history and not all of it.
 */
async function recompute(plan: AggregatePlan, { window, slot, call, column }: Frame): Promise<void> {
  const { session, windows, member } = plan;
  const decisive = { min: `f.x_${slot} <= m.${column}`, max: `f.x_${slot} >= m.${column}`, sum: 'true' }[call];
  const length = windows[window] ?? null;
  const width = length === null ? integer(2n ** 60n) : integer(length + hopOf(length, member.view.grainMillis));
  const columns = `b.r, b.kid, b.kn, b.u, b.l${window} AS l`;
  await session.run(
    `CREATE OR REPLACE TEMP TABLE redone AS
     WITH doubtful AS (
       SELECT DISTINCT ${columns} FROM bounds b JOIN flying f USING (r) JOIN ${column} m USING (r)
       WHERE f.e_${slot} AND f.t >= b.l${window} AND ${decisive}
     ), probes AS (
       SELECT *, greatest(l, 0) // ${width} AS bucket FROM doubtful
       UNION ALL
       SELECT *, u // ${width} AS bucket FROM doubtful WHERE u // ${width} > greatest(l, 0) // ${width}
     ), taken AS (
       SELECT p.r, ${call}(e.x_${slot}) AS v FROM probes p
       JOIN (SELECT *, t // ${width} AS bucket FROM events WHERE e_${slot}) e
         ON e.bucket = p.bucket AND e.kid = p.kid
       WHERE e.t >= p.l AND e.t < p.u AND e.a <= p.kn GROUP BY p.r
     )
     SELECT r, v FROM doubtful LEFT JOIN taken USING (r)`,
  );
  await session.run(`UPDATE ${column} SET ${column} = redone.v FROM redone WHERE ${column}.r = redone.r`);
  await session.run('DROP TABLE redone');
}
