import type { CompiledOnDemandView, CompiledView } from '../definitions/compiled.ts';
import type { ViewReference } from '../definitions/model.ts';
import { AsofError } from '../errors/asof-error.ts';
import { nearest } from '../errors/nearest.ts';
import type { UserFunctionScope } from '../expressions/user-functions.ts';
import { compileOnDemandView, type References } from './compile-service.ts';
import type { History, VersionOf } from './snapshot.ts';

/**
 * A reference means its pinned version, else the newest that has all chosen features: a service registered before a
 * feature was removed goes on reading the version that has it.
 */
export function createReferences(
  views: ReadonlyMap<string, readonly CompiledView[]>,
  onDemandHistory: History<'onDemandView'>,
  functions: UserFunctionScope,
): References {
  const compiled = new Map<VersionOf<'onDemandView'>, CompiledOnDemandView>();
  const references: References = {
    functions,
    view(reference, path) {
      const versions = views.get(reference.view);
      if (versions === undefined) throw unknown('view', { name: reference.view, known: views.keys(), path });
      return chosenVersion(versions, reference, { path, featuresOf: (view) => view.features });
    },
    onDemandView(reference, path) {
      const versions = onDemandHistory.get(reference.view);
      if (versions === undefined) return null;
      const one = chosenVersion(versions, reference, { path, featuresOf: ({ definition }) => definition.features });
      const known = compiled.get(one) ?? compileOnDemandView(one, references);
      compiled.set(one, known);
      return known;
    },
  };
  return references;
}

interface Choice<V> {
  readonly path: string;
  featuresOf(version: V): readonly { readonly name: string }[];
}

function chosenVersion<V extends { readonly version: number }>(
  versions: readonly V[],
  reference: ViewReference,
  { path, featuresOf }: Choice<V>,
): V {
  const candidates =
    reference.version === undefined ? versions : versions.filter(({ version }) => version === reference.version);
  if (candidates.length === 0) {
    throw unknown(`version of ${reference.view}`, {
      name: String(reference.version),
      known: versions.map(({ version }) => String(version)),
      path: `${path}.version`,
    });
  }
  const hasAll = (version: V) => {
    const names = featuresOf(version).map(({ name }) => name);
    return (reference.features ?? []).every((feature) => names.includes(feature));
  };
  const found = candidates.findLast(hasAll);
  if (found !== undefined) return found;
  const known = featuresOf(candidates.at(-1)!).map(({ name }) => name);
  const missing = (reference.features ?? []).find((feature) => !known.includes(feature));
  throw unknown(`feature of ${reference.view}`, { name: missing ?? '', known, path: `${path}.features` });
}

function unknown(
  what: string,
  { name, known, path }: { readonly name: string; readonly known: Iterable<string>; readonly path: string },
): AsofError {
  const names = [...known];
  const suggestion = nearest(name, names);
  return new AsofError('BAD_DEFINITION', `there is no ${what} ${JSON.stringify(name)}`, {
    path,
    expected: `one of ${names.slice(0, 12).join(', ')}`,
    got: JSON.stringify(name),
    ...(suggestion === null ? {} : { remedy: `Did you mean ${JSON.stringify(suggestion)}?` }),
  });
}
