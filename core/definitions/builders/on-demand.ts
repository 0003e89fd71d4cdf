import type { ExpressionBuilder } from '../../expressions/builder.ts';
import type { ValueType } from '../../values/types.ts';
import type { Described, OnDemandViewDefinition, ViewReference } from '../model.ts';
import { type Declared, type Definable, definitionBrand } from './brand.ts';
import { type Columns, columnFields } from './entity.ts';
import { type DescribedFeature, type FeatureBuilder, featureOf } from './feature.ts';
import { definitionGiven } from './given.ts';
import type { AnyViewHandle, ViewHandle } from './view.ts';

type FeatureInputs<View> = View extends ViewHandle<infer Name, string, infer Feature> ? `${Name}.${Feature}` : never;

/** As far as it is known while writing; else `never`, which fits wherever it is read. */
type TypeOfInput<View, Input> =
  View extends ViewHandle<infer Name, string, string, infer Types>
    ? Input extends `${Name}.${infer Feature}`
      ? Types[Feature & keyof Types]
      : never
    : never;

/** What the features of an on-demand view may read: `request.x` and `view.feature`. */
export type OnDemandInputs<Request, From extends readonly AnyViewHandle[]> = {
  readonly [K in keyof Request & string as `request.${K}`]: Request[K];
} & { readonly [K in FeatureInputs<From[number]>]: TypeOfInput<From[number], K> };

type OnDemandFeature<Inputs> = ExpressionBuilder<Inputs, ValueType> | FeatureBuilder<Inputs>;

export interface OnDemandViewOptions<Request, From, Features> extends Described {
  /** Inputs that each request (or spine row) brings. */
  readonly request?: Request;
  /** Views whose features are read. */
  readonly from?: From;
  readonly features: Features;
}

/** An on-demand view as services use it. */
export class OnDemandHandle<out Name extends string, out Feature extends string> implements Definable {
  declare readonly featureNames?: Feature;
  readonly name: Name;
  readonly reference: ViewReference;
  readonly [definitionBrand]: Declared;

  constructor(name: Name, reference: ViewReference, declared: Declared) {
    this.name = name;
    this.reference = reference;
    this[definitionBrand] = declared;
  }

  /** Chosen features only. */
  pick<const Picked extends Feature>(...features: readonly Picked[]): OnDemandHandle<Name, Picked> {
    return new OnDemandHandle(this.name, { ...this.reference, features }, this[definitionBrand]);
  }

  /** Pinned to a registered version; without it the current one. */
  at(version: number): OnDemandHandle<Name, Feature> {
    return new OnDemandHandle(this.name, { ...this.reference, version }, this[definitionBrand]);
  }
}

export type AnyOnDemandHandle = OnDemandHandle<string, string>;

/** Features computed when they are read, from request inputs and other views' features. */
export function onDemandView<
  const Name extends string,
  const Request extends Columns,
  const From extends readonly AnyViewHandle[],
  const Features extends {
    readonly [feature: string]: OnDemandFeature<OnDemandInputs<NoInfer<Request>, NoInfer<From>>>;
  },
>(name: Name, options: OnDemandViewOptions<Request, From, Features>): OnDemandHandle<Name, keyof Features & string> {
  const { request, from = [], features, ...rest } = options;
  const path = `onDemandViews.${name}`;
  const uses = from.map((view, index) => definitionGiven(view, ['views'], `${path}.from[${index}]`));
  const definition: OnDemandViewDefinition = {
    name,
    request: columnFields(request ?? {}),
    from: from.map((view) => view.reference),
    features: Object.entries(features).map(([feature, given]) =>
      namedFeature(feature, featureOf(given, `${path}.features.${feature}`)),
    ),
    ...rest,
  };
  return new OnDemandHandle(name, { view: name }, { kind: 'onDemandViews', definition, uses });
}

/** What is no expression is kept for the check, which refuses it with the feature's path. */
function namedFeature(name: string, feature: DescribedFeature): OnDemandViewDefinition['features'][number] {
  switch (feature.kind) {
    case 'derived': {
      const { kind: _, ...rest } = feature;
      return { name, ...rest };
    }
    case 'column': {
      const { kind: _, column, ...rest } = feature;
      return { name, expression: { op: 'col', name: column }, ...rest };
    }
    default:
      return { name, ...feature } as unknown as OnDemandViewDefinition['features'][number];
  }
}
