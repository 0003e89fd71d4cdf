import { type Declared, declaredBy } from './builders/brand.ts';
import type { Definitions } from './model.ts';
import { parseDefinitions } from './parse.ts';
import { isObject } from './shapes.ts';

/**
 * Every definition that a module exports, in arrays and plain objects too, and all that those refer to, as
 * canonical definitions. BAD_DEFINITION with every problem, as `parseDefinitions`.
 */
export function collectDefinitions(exports: Record<string, unknown>): Definitions {
  const declared = new Set<Declared>();
  const visited = new Set<object>();
  const follow = (one: Declared): void => {
    if (declared.has(one)) return;
    declared.add(one);
    one.uses.forEach(follow);
    // Calls of functions carry them, wherever they stand in its expressions.
    walk(one.definition);
  };
  const walk = (value: unknown): void => {
    const one = declaredBy(value);
    if (one !== null) follow(one);
    if (typeof value !== 'object' || value === null || visited.has(value)) return;
    visited.add(value);
    if (Array.isArray(value)) value.forEach(walk);
    else if (isPlain(value)) Object.values(value).forEach(walk);
  };
  walk(exports);
  const of = (kind: Declared['kind']) =>
    [...declared].filter((one) => one.kind === kind).map(({ definition }) => definition);
  return parseDefinitions({
    asof: 1,
    entities: of('entities'),
    sources: of('sources'),
    views: of('views'),
    onDemandViews: of('onDemandViews'),
    services: of('services'),
    functions: of('functions'),
  });
}

/** Module namespaces and object literals; instances of classes hold nothing to collect. */
function isPlain(value: object): boolean {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.hasOwn(value, Symbol.toStringTag);
}
