import type { CompiledService, CompiledSource } from '../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { nearest } from '../../core/errors/nearest.ts';

/** The name of a view that exists, retired or not; else UNKNOWN_NAME. */
export function knownView(registry: CompiledRegistry, name: string): string {
  if (registry.views.has(name) || registry.retiredViews.has(name)) return name;
  throw unknownName('view', name, registry.views.keys());
}

export function knownSource(registry: CompiledRegistry, name: string): CompiledSource {
  const source = registry.sources.get(name);
  if (source !== undefined) return source;
  throw unknownName('source', name, registry.sources.keys());
}

/** The newest version unless one is named; UNKNOWN_NAME lists what there is. */
export function knownService(
  registry: CompiledRegistry,
  name: string,
  version: number | null | undefined,
): CompiledService {
  const versions = registry.services.get(name);
  if (versions === undefined) throw unknownName('service', name, registry.services.keys());
  if (version === null || version === undefined) return versions.at(-1)!;
  const service = versions.find((one) => one.version === version);
  if (service !== undefined) return service;
  throw new AsofError('UNKNOWN_NAME', `service '${name}' has no version ${version}`, {
    path: `services.${name}`,
    expected: `one of ${versions.map((one) => one.version).join(', ')}`,
    got: String(version),
  });
}

export function unknownName(kind: string, name: string, known: Iterable<string>, path = `${kind}s.${name}`): AsofError {
  const names = [...known];
  const close = nearest(name, names);
  return new AsofError('UNKNOWN_NAME', `there is no ${kind} '${name}'`, {
    path,
    expected: names.length === 0 ? `a ${kind}, but none is registered` : `one of ${listed(names)}`,
    got: `'${name}'`,
    ...(close !== null && { remedy: `Did you mean '${close}'?` }),
  });
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ');
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}
