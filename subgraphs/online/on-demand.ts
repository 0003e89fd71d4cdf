import type { CellStatus, CompiledService, ServiceMember, ViewReading } from '../../core/definitions/compiled.ts';
import type { Value } from '../../core/values/types.ts';

export interface MemberReading {
  readonly member: ServiceMember;
  readonly reading: ViewReading;
}

export interface OnDemandReading {
  readonly values: readonly Value[];
  readonly statuses: readonly CellStatus[];
  readonly defaulted: readonly boolean[];
}

/** What has to be read for a service: its members, each with the features that request-time views take from it. */
export function readMembers(service: CompiledService): ServiceMember[] {
  const taken = service.onDemand.flatMap(({ reads }) => reads.flatMap((read) => read ?? []));
  const members = new Map(service.members.map((member) => [member.alias, member]));
  for (const { member, feature } of taken) {
    const before = members.get(member.alias) ?? { ...member, features: [] };
    if (before.features.includes(feature)) continue;
    members.set(member.alias, { ...before, features: [...before.features, feature] });
  }
  return [...members.values()];
}

export function computeOnDemand(
  service: CompiledService,
  readings: readonly MemberReading[],
  inputs: ReadonlyMap<string, Value>,
): OnDemandReading[] {
  const byAlias = new Map(readings.map((one) => [one.member.alias, one]));
  return service.onDemand.map(({ view, features, reads }) => {
    let notReady = false;
    let inputDefaulted = false;
    const row = view.inputs.map((input, index): Value => {
      const read = reads[index];
      if (input.kind === 'request') return inputs.get(input.name) ?? null;
      if (!read) return null;
      const { member, reading } = byAlias.get(read.member.alias)!;
      const position = member.features.indexOf(read.feature);
      notReady ||= reading.statuses[position] === 'NOT_READY';
      inputDefaulted ||= reading.defaulted[position]!;
      return reading.values[position]!;
    });
    const cells = features.map((feature) => {
      const { expression, defaultValue } = view.features[feature]!;
      const value = expression.evaluate(row);
      const status: CellStatus = value !== null ? 'PRESENT' : notReady ? 'NOT_READY' : 'NULL';
      const ownDefault = value === null && defaultValue !== null;
      return { value: ownDefault ? defaultValue : value, status, defaulted: ownDefault || inputDefaulted };
    });
    return {
      values: cells.map(({ value }) => value),
      statuses: cells.map(({ status }) => status),
      defaulted: cells.map(({ defaulted }) => defaulted),
    };
  });
}
