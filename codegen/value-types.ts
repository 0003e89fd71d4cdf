import type { CompiledOnDemandView, CompiledView } from '../core/definitions/compiled.ts';
import { cellStatuses } from '../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../core/definitions/registry-view.ts';
import { type GraphqlNames, graphqlNames } from '../core/names/graphql-names.ts';
import { graphqlTypeOf } from './graphql-types.ts';

/** What every reading says of itself; the same types in each subgraph that returns readings. */
export const featureMetaTypeDefs = /* GraphQL */ `
  """
  Why a cell has the value it has. UNAVAILABLE is told by featureVectors only: the store did not answer for the key, and
  nothing is known of it; elsewhere that is an error of the field.
  """
  enum CellStatus { ${cellStatuses.join(' ')} }

  "What a reading says of itself."
  type FeatureMeta @shareable {
    "PRESENT, NOT_FOUND, EXPIRED or NOT_READY."
    status: CellStatus!
    "Of the row that won, or of the newest event that counts; null when there is none."
    eventTime: DateTime
    "readAt − eventTime."
    ageMillis: Int64
    "The instant the values are of; \`asOf(time: readAt)\` returns them again."
    readAt: DateTime!
    "Whether the view keeps its freshness SLA now; null without an SLA and in the past."
    fresh: Boolean
    "The version of the view that was read."
    version: Int!
    "Every feature of the view with its status; costs only when it is selected."
    cells: [FeatureCell!]!
  }

  type FeatureCell @shareable {
    "The feature as the registry names it."
    name: String!
    status: CellStatus!
    "Whether a declared default stands in for the value."
    defaulted: Boolean!
  }
`;

/** The current version of every view that the typed API shows, by name. */
export function currentViews(registry: CompiledRegistry): CompiledView[] {
  return [...registry.views.values()].flatMap((versions) => versions.at(-1) ?? []);
}

/**
 * SDL of the value type of each view (`OriginDelays`) and of what they share. All of it is shareable; a subgraph that
 * includes it declares `FeatureView` and the scalars.
 */
export function viewTypesSdl(
  registry: CompiledRegistry,
  include: (view: CompiledView) => boolean = () => true,
  names: GraphqlNames = graphqlNames(registry),
): string {
  const types = currentViews(registry)
    .filter(include)
    .map((view) => valueType(view, names, '  view: FeatureView\n'));
  return [featureMetaTypeDefs, ...types].join('\n');
}

/** SDL of the value type of each request-time view. */
export function onDemandTypesSdl(
  registry: CompiledRegistry,
  include: (view: CompiledOnDemandView) => boolean = () => true,
  names: GraphqlNames = graphqlNames(registry),
): string {
  return [...registry.onDemandViews.values()]
    .filter(include)
    .map((view) => valueType(view, names, ''))
    .join('\n');
}

function valueType(view: CompiledView | CompiledOnDemandView, names: GraphqlNames, own: string): string {
  const { type, features } = names.views.get(view.name)!;
  const fields = view.features.map((feature, index) => `  ${features[index]}: ${graphqlTypeOf(feature.type)}\n`);
  return `"Values of the view '${view.name}', version ${view.version}."
type ${type} @shareable {
${fields.join('')}  meta: FeatureMeta!
${own}}
`;
}
