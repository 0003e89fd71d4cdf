import type { CompiledView } from '../definitions/compiled.ts';

/** The shards that refused what builds upon a fill: a fill that a shard has lost does not come back to it. */
export interface RefusedShards {
  add(view: CompiledView, fill: string, shard: string): void;
  /** null = none. */
  of(view: CompiledView, fill: string): ReadonlySet<string> | null;
}

export function createRefusedShards(): RefusedShards {
  /** Of the newest fill of each view version. */
  const refused = new Map<string, { readonly fill: string; readonly shards: Set<string> }>();
  const idOf = ({ name, version }: CompiledView): string => `${name}@${version}`;
  return {
    add(view, fill, shard) {
      const known = refused.get(idOf(view));
      if (known?.fill === fill) known.shards.add(shard);
      else refused.set(idOf(view), { fill, shards: new Set([shard]) });
    },
    of(view, fill) {
      const known = refused.get(idOf(view));
      return known?.fill === fill ? known.shards : null;
    },
  };
}
