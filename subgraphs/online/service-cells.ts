import type { CellStatus, CompiledOnDemandView, CompiledView } from '../../core/definitions/compiled.ts';
import type { Instant, Value, ValueType } from '../../core/values/types.ts';
import type { FeatureColumn, FeatureList, FeaturePlace } from './feature-list.ts';
import type { ServiceReading } from './service-read.ts';

/** One feature of one row. */
export interface Cell {
  readonly value: Value;
  readonly status: CellStatus;
  readonly defaulted: boolean;
  /** null = there is none. */
  readonly eventTime: Instant | null;
}

/** Of what was read with statuses. */
export function cellAt({ readings, places, computed }: ServiceReading, place: FeaturePlace, row: number): Cell {
  const { position } = place;
  if (place.kind === 'onDemand') {
    const { values, statuses, defaulted } = computed[row]![place.view]!;
    return { value: values[position]!, status: statuses[position]!, defaulted: defaulted[position]!, eventTime: null };
  }
  const { values, statuses, defaulted, eventTime } = readings[places[place.member]![row]!]!;
  return { value: values[position]!, status: statuses![position]!, defaulted: defaulted![position]!, eventTime };
}

export function typeOfColumn({ service }: FeatureList, { place, feature }: FeatureColumn): ValueType {
  const view: CompiledView | CompiledOnDemandView =
    place.kind === 'member' ? service.members[place.member]!.view : service.onDemand[place.view]!.view;
  return view.features.find(({ name }) => name === feature)!.type;
}
