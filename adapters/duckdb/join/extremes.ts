import { hopOf } from '../../../core/time/windows.ts';
import { integer } from '../quoting.ts';
import type { AggregatePlan } from './aggregates.ts';

/** An aggregate that cannot be had by subtraction: min, max, and sums of float64, whose difference would lose digits. */
interface Frame {
  readonly accumulator: number;
  readonly window: number;
  readonly slot: number;
  readonly call: 'min' | 'max' | 'sum';
  readonly column: string;
}

/** The column of `frames` that holds an accumulator's raw value over a window. */
export function frameColumn(accumulator: number, window: number): string {
  return `frame_${accumulator}_${window}`;
}

/**
 * Creates `frames`(r, frame_a_w…) by one pass over events and rows together, in which each row's frame reaches from
 * its lower bound to just before its upper one. Returns its name, or nothing where no aggregate needs it.
 */
export async function createExtremes(plan: AggregatePlan): Promise<string[]> {
  const { session, windows } = plan;
  const frames = framesOf(plan);
  if (frames.length === 0) return [];
  const used = [...new Set(frames.map((frame) => frame.slot))];
  const lengths = windows.map((_, w) => w).filter((w) => frames.some((frame) => frame.window === w));
  const events = ['kid', 't', 'NULL AS r', ...used.map((s) => `x_${s}`), ...lengths.map((w) => `0 AS d${w}`)];
  const rows = ['kid', 'u', 'r', ...used.map(() => 'NULL'), ...lengths.map((w) => `u - l${w}`)];
  const counted = used.map((s) => `e_${s}`).join(' OR ');
  const calls = frames.map(({ call, slot, window, column }) => `${call}(x_${slot}) OVER f${window} AS ${column}`);
  const definitions = lengths.map(
    (w) => `f${w} AS (PARTITION BY kid ORDER BY t RANGE BETWEEN d${w} PRECEDING AND 1 PRECEDING)`,
  );
  await session.run(
    `CREATE OR REPLACE TEMP TABLE frames AS SELECT * FROM (SELECT r, ${calls.join(', ')} FROM (` +
      `SELECT ${events.join(', ')} FROM events WHERE ${counted} UNION ALL ` +
      `SELECT ${rows.join(', ')} FROM bounds WHERE kid IS NOT NULL) WINDOW ${definitions.join(', ')}) WHERE r IS NOT NULL`,
  );
  if (plan.hasInFlight) for (const frame of frames) await recompute(plan, frame);
  return ['frames'];
}

function framesOf({ member, windows, slots }: AggregatePlan): Frame[] {
  const { view } = member;
  const frames = new Map<string, Frame>();
  for (const feature of view.features) {
    if (feature.kind === 'column') continue;
    const used = feature.kind === 'aggregate' ? [feature.accumulator] : [feature.numerator, feature.denominator];
    const window = windows.indexOf(feature.windowMillis);
    for (const accumulator of used) {
      const { definition, input } = view.accumulators[accumulator]!;
      const call = frameCall(definition.function, input?.type.kind);
      if (call === null) continue;
      const column = frameColumn(accumulator, window);
      frames.set(column, { accumulator, window, slot: slots.slotOf[accumulator]!, call, column });
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
       SELECT DISTINCT ${columns} FROM bounds b JOIN flying f USING (r) JOIN frames m USING (r)
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
  await session.run(`UPDATE frames SET ${column} = redone.v FROM redone WHERE frames.r = redone.r`);
  await session.run('DROP TABLE redone');
}
