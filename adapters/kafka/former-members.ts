/**
 * Members of this process that could not leave their groups, since no broker answered. Who joins next comes back as one of
 * them; otherwise the group would give nobody any partition before it had missed them for the time of their session.
 */
export interface FormerMembers {
  add(group: string, memberId: string): void;
  /** One that nobody else is; null = there is none. */
  take(group: string): string | null;
}

export function createFormerMembers(): FormerMembers {
  const members = new Map<string, string[]>();
  return {
    add(group, memberId) {
      members.set(group, [...(members.get(group) ?? []), memberId]);
    },
    take: (group) => members.get(group)?.pop() ?? null,
  };
}
