import type { Described, FeatureServiceDefinition } from '../model.ts';
import { type Declared, type Definable, definitionBrand } from './brand.ts';
import { definitionGiven } from './given.ts';
import type { AnyOnDemandHandle } from './on-demand.ts';
import type { AnyViewHandle } from './view.ts';

export interface FeatureServiceOptions extends Described {
  /** 1, 2, …: a registered version never changes; give a changed service the next one. */
  readonly version: number;
  /** Views and on-demand views, whole or picked. */
  readonly features: readonly (AnyViewHandle | AnyOnDemandHandle)[];
}

export interface FeatureService extends Definable {
  readonly name: string;
}

/** The features of one model: what it is trained on and served with. */
export function featureService(name: string, options: FeatureServiceOptions): FeatureService {
  const { version, features, ...rest } = options;
  const uses = features.map((view, index) =>
    definitionGiven(view, ['views', 'onDemandViews'], `services.${name}.features[${index}]`),
  );
  const definition: FeatureServiceDefinition = {
    name,
    version,
    features: features.map((view) => view.reference),
    ...rest,
  };
  const declared: Declared = { kind: 'services', definition, uses };
  return { name, [definitionBrand]: declared };
}
