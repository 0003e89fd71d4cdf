import { ColumnBuilder, type ExpressionBuilder } from '../../expressions/builder.ts';
import type { DurationText } from '../../time/duration.ts';
import type { ValueType } from '../../values/types.ts';
import type { Described, FeatureViewDefinition, ViewReference } from '../model.ts';
import { type Declared, type Definable, definitionBrand } from './brand.ts';
import type { Columns, Entity } from './entity.ts';
import { type FeatureBuilder, featureOf } from './feature.ts';
import { definitionGiven } from './given.ts';
import type { Source } from './source.ts';

/**
 * A feature over these columns and other features: `avg('delay').over('1h')`, `col('city')` in a row view,
 * `feature('mean_delay').gt(15)`.
 */
type FeatureOver<Names> = FeatureBuilder<Names> | ExpressionBuilder<Names, ValueType>;

/** What a feature may read: the source's columns, and as `feature.x` the view's features. */
type Readable<Fields, Features> = Fields & {
  readonly [F in keyof Features & string as `feature.${F}`]: TypeOf<Features[F], Fields>;
};

/** The type of a feature as far as it is known while writing; else `never`, which fits wherever it is read. */
type TypeOf<Feature, Fields> =
  Feature extends ColumnBuilder<infer Name>
    ? Fields[Name & keyof Fields]
    : Feature extends { readonly type?: infer Type }
      ? ValueType extends Type
        ? never
        : Type
      : never;

/** The columns whose type is that of the join key. */
type ColumnOf<Fields, Type> = { [C in keyof Fields]: Fields[C] extends Type ? C : never }[keyof Fields];

type KeyOptions<Key, Fields> =
  | {
      readonly entity: Entity<Key>;
      /** Join key → column of the source. */
      readonly key: { readonly [K in keyof Key]: ColumnOf<Fields, Key[K]> };
    }
  /** A view without a key: one value for all. */
  | { readonly entity?: never; readonly key?: never };

interface CommonOptions<Fields, Features> extends Described {
  readonly source: Source<Fields>;
  readonly features: Features;
  /** Aggregates: the smallest step in which values move; 1s (default), 10s, 1m, 10m, 1h, 6h or 1d. */
  readonly grain?: DurationText;
  /** Aggregates: how far values run behind now. Default 0s. */
  readonly delay?: DurationText;
  /** Row views: a row older than this is EXPIRED. */
  readonly maxAge?: DurationText;
  /** What is older is NOT_FOUND, and may be removed. */
  readonly retention?: DurationText;
  /** Row views: false serves rows without regard to when they became known. */
  readonly knownAt?: boolean;
  /** Freshness SLA: the age by arrival of the oldest record that may wait. */
  readonly freshness?: DurationText;
  readonly expectedUpdateEvery?: DurationText;
  /** Default true. */
  readonly online?: boolean;
  readonly offline?: boolean;
  /** Holds personal data. */
  readonly pii?: boolean;
}

export type FeatureViewOptions<Key, Fields, Features> = CommonOptions<Fields, Features> & KeyOptions<Key, Fields>;

/** The types of a view's features as far as they are known while writing, else `never`. */
type TypesOf<Features, Fields> = { readonly [F in keyof Features & string]: TypeOf<Features[F], Fields> };

/**
 * A view as services and on-demand views use it; every method returns a narrowed copy. `Types`: of its features, as far
 * as they are known.
 */
export class ViewHandle<
  out Name extends string,
  out JoinKey extends string,
  out Feature extends string,
  out Types = unknown,
> implements Definable
{
  declare readonly featureNames?: Feature;
  declare readonly featureTypes?: Types;
  declare readonly joinKeys?: JoinKey;
  /** The name its features carry: the view's, or the alias. */
  readonly name: Name;
  readonly reference: ViewReference;
  readonly [definitionBrand]: Declared;

  constructor(name: Name, reference: ViewReference, declared: Declared) {
    this.name = name;
    this.reference = reference;
    this[definitionBrand] = declared;
  }

  /** The same view under another name, joined on other columns: `delays.as('dest_delays', { iata: 'destination' })`. */
  as<const Alias extends string>(
    alias: Alias,
    joinOn?: { readonly [K in JoinKey]?: string },
  ): ViewHandle<Alias, JoinKey, Feature, Types> {
    const joined = joinOn === undefined ? {} : { joinOn: joinOn as { readonly [joinKey: string]: string } };
    return new ViewHandle(alias, { ...this.reference, alias, ...joined }, this[definitionBrand]);
  }

  /** Join key → column of the spine or request, where the names differ. */
  joinedOn(joinOn: { readonly [K in JoinKey]?: string }): ViewHandle<Name, JoinKey, Feature, Types> {
    return this.#with({ joinOn: joinOn as { readonly [joinKey: string]: string } });
  }

  /** Chosen features only. */
  pick<const Picked extends Feature>(...features: readonly Picked[]): ViewHandle<Name, JoinKey, Picked, Types> {
    return new ViewHandle(this.name, { ...this.reference, features }, this[definitionBrand]);
  }

  /** Pinned to a registered version, whose features may be of other types; without it the current one. */
  at(version: number): ViewHandle<Name, JoinKey, Feature> {
    return this.#with({ version });
  }

  /** Tightens the view's own `maxAge` (row views). */
  within(maxAge: DurationText): ViewHandle<Name, JoinKey, Feature, Types> {
    return this.#with({ maxAge });
  }

  /** One feature as an operand in an on-demand view that lists this view in `from`. */
  feature<const Chosen extends Feature>(feature: Chosen): ColumnBuilder<`${Name}.${Chosen}`> {
    return new ColumnBuilder(`${this.name}.${feature}`, { op: 'feature', view: this.name, feature });
  }

  #with(change: Partial<ViewReference>): ViewHandle<Name, JoinKey, Feature, Types> {
    return new ViewHandle(this.name, { ...this.reference, ...change }, this[definitionBrand]);
  }
}

export type AnyViewHandle = ViewHandle<string, string, string>;

/**
 * Features of one entity from one source: windowed aggregates of events, or the columns of rows; and what is derived
 * from them.
 */
export function featureView<
  const Name extends string,
  const Fields extends Columns,
  const Key extends Columns,
  const Features extends {
    readonly [F in keyof Features]: FeatureOver<Readable<NoInfer<Fields>, NoInfer<Features>>>;
  },
>(
  name: Name,
  options: FeatureViewOptions<Key, Fields, Features>,
): ViewHandle<Name, keyof Key & string, keyof Features & string, TypesOf<Features, Fields>> {
  const { entity, source, key, features, ...rest } = options;
  const path = `views.${name}`;
  const uses = [definitionGiven(source, ['sources'], `${path}.source`)];
  if (entity !== undefined) uses.unshift(definitionGiven(entity, ['entities'], `${path}.entity`));
  const definition: FeatureViewDefinition = {
    name,
    ...(entity === undefined ? {} : { entity: entity.name }),
    source: source.name,
    key: { ...(key as { readonly [joinKey: string]: string } | undefined) },
    features: Object.entries<FeatureOver<never>>(features).map(([feature, given]) => {
      return { name: feature, ...featureOf(given, `${path}.features.${feature}`) };
    }),
    ...rest,
  };
  return new ViewHandle(name, { view: name }, { kind: 'views', definition, uses });
}
