import type {
  EntityDefinition,
  FeatureServiceDefinition,
  FeatureViewDefinition,
  OnDemandViewDefinition,
  SourceDefinition,
  UserFunctionDefinition,
} from '../model.ts';

/**
 * Marks what the builders make. A registered symbol, because a definitions file may import another copy of this
 * package than the program that reads it, and `instanceof` would not know them.
 */
export const definitionBrand: unique symbol = Symbol.for('asof.definition') as never;

/** One definition together with those it refers to. */
export type Declared = (
  | { readonly kind: 'entities'; readonly definition: EntityDefinition }
  | { readonly kind: 'sources'; readonly definition: SourceDefinition }
  | { readonly kind: 'views'; readonly definition: FeatureViewDefinition }
  | { readonly kind: 'onDemandViews'; readonly definition: OnDemandViewDefinition }
  | { readonly kind: 'services'; readonly definition: FeatureServiceDefinition }
  | { readonly kind: 'functions'; readonly definition: UserFunctionDefinition }
) & { readonly uses: readonly Declared[] };

export interface Definable {
  readonly [definitionBrand]: Declared;
}

export function declaredBy(value: unknown): Declared | null {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || !(definitionBrand in value))
    return null;
  return (value as Definable)[definitionBrand];
}
