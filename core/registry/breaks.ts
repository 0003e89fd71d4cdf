import type { CompiledService } from '../definitions/compiled.ts';
import type { CompiledRegistry } from '../definitions/registry-view.ts';
import { sameType, typeText } from '../definitions/value-types.ts';
import { membersToRead } from '../on-demand/evaluate.ts';
import type { ValueType } from '../values/types.ts';

interface NamedFeature {
  readonly name: string;
  readonly type: ValueType;
}

/**
 * By changed object ("view origin_delays"): which of today's services lose a feature that they read, or get it with
 * another type. Services that pin a version keep it, and are not broken.
 */
export function findBreaks(before: CompiledRegistry, after: CompiledRegistry): ReadonlyMap<string, readonly string[]> {
  const breaks = new Map<string, string[]>();
  const add = (object: string, text: string) => {
    const found = breaks.get(object);
    if (found === undefined) breaks.set(object, [text]);
    else if (!found.includes(text)) found.push(text);
  };
  for (const [name, versions] of before.services) {
    const service = versions.at(-1)!;
    if (!after.services.has(name)) {
      add(`service ${name}`, `clients that read service ${name} find it retired`);
      continue;
    }
    for (const read of currentReads(service)) {
      const now = read.kind === 'view' ? after.views.get(read.name)?.at(-1) : after.onDemandViews.get(read.name);
      for (const feature of read.features) {
        const loss = lossOf(feature, now?.features);
        if (loss !== null) add(`${read.kind} ${read.name}`, `service ${name} reads ${feature.name}, which ${loss}`);
      }
    }
  }
  return breaks;
}

interface CurrentRead {
  readonly kind: 'view' | 'onDemandView';
  readonly name: string;
  readonly features: readonly NamedFeature[];
}

function currentReads(service: CompiledService): readonly CurrentRead[] {
  const pinned = new Set(
    service.definition.features.filter(({ version }) => version !== undefined).map(({ view }) => view),
  );
  const views = membersToRead(service).map(({ view, features }) => ({
    kind: 'view' as const,
    name: view.name,
    features: features.map((index) => view.features[index]!),
  }));
  const onDemand = service.onDemand.map(({ view, features }) => ({
    kind: 'onDemandView' as const,
    name: view.name,
    features: features.map((index) => view.features[index]!),
  }));
  return [...views, ...onDemand].filter(({ name }) => !pinned.has(name));
}

function lossOf(feature: NamedFeature, now: readonly NamedFeature[] | undefined): string | null {
  if (now === undefined) return 'is retired';
  const same = now.find(({ name }) => name === feature.name);
  if (same === undefined) return 'is removed';
  return sameType(same.type, feature.type)
    ? null
    : `changes its type from ${typeText(feature.type)} to ${typeText(same.type)}`;
}
