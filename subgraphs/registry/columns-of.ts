import type { ColumnUse } from '../../core/definitions/columns-read.ts';
import { columnsOfAggregate } from '../../core/definitions/columns-read.ts';
import type { CompiledFeature, CompiledSource, CompiledView } from '../../core/definitions/compiled.ts';

/** What a column is to what is made from it. */
export type ColumnRole = ColumnUse | 'KEY' | SourceRole;
type SourceRole = 'EVENT_TIME' | 'ARRIVAL' | 'EVENT_ID' | 'CREATED_TIME' | 'DELETED';

export interface ColumnInRole {
  readonly column: string;
  readonly role: ColumnRole;
}

/** Columns that every feature of a view depends on: its key, and what its source is ordered and told apart by. */
export function columnsOfView({ key, source }: CompiledView): readonly ColumnInRole[] {
  return [
    ...key.map(({ column }): ColumnInRole => ({ column: source.fields[column]!.name, role: 'KEY' })),
    ...rolesOf(source),
  ];
}

function rolesOf({ definition }: CompiledSource): readonly ColumnInRole[] {
  const roles: Partial<Record<SourceRole, string | undefined>> =
    definition.kind === 'events'
      ? { EVENT_TIME: definition.eventTime, ARRIVAL: definition.arrival, EVENT_ID: definition.eventId }
      : { EVENT_TIME: definition.eventTime, CREATED_TIME: definition.createdTime, DELETED: definition.deleted };
  return Object.entries(roles).flatMap(([role, column]) =>
    column === undefined ? [] : [{ column, role: role as SourceRole }],
  );
}

/** Columns that a feature reads itself; what its inputs read is theirs. */
export function columnsOfFeature(view: CompiledView, feature: CompiledFeature): readonly ColumnInRole[] {
  const nameOf = (column: number) => view.source.fields[column]!.name;
  const ofAccumulator = (index: number) =>
    columnsOfAggregate(view.accumulators[index]!.definition).map(({ column, use }) => ({ column, role: use }));
  switch (feature.kind) {
    case 'column':
      return [{ column: nameOf(feature.column), role: 'VALUE' }];
    case 'aggregate':
      return ofAccumulator(feature.accumulator);
    case 'ratio':
      return [...ofAccumulator(feature.numerator), ...ofAccumulator(feature.denominator)];
    case 'derived':
      return feature.inputs.flatMap((input) =>
        input.kind === 'column' ? [{ column: nameOf(view.columns[input.column]!), role: 'VALUE' }] : [],
      );
  }
}
