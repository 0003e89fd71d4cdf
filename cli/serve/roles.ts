import { AsofError } from '../../core/errors/asof-error.ts';

/** What one process may be: one of Asof's parts, or all of them at once. */
export const roles = ['all', 'gateway', 'registry', 'online', 'offline', 'ingest', 'monitor'] as const;
export type Role = (typeof roles)[number];

/** As the first argument of a program; absent = all. BAD_INPUT for any other. */
export function parseRole(text: string | undefined): Role {
  const role = roles.find((known) => known === (text ?? 'all'));
  if (role !== undefined) return role;
  throw new AsofError('BAD_INPUT', 'there is no such role', { expected: roles.join(', '), got: String(text) });
}

/** Where each listens unless PORT says otherwise: all of them fit on one machine. */
export const rolePorts: Readonly<Record<Role, number>> = {
  all: 4000,
  gateway: 4000,
  registry: 4001,
  online: 4002,
  offline: 4003,
  ingest: 4004,
  monitor: 4005,
};

/** What several processes must name in the same words: the embedded stores are one process's. */
export const sharedVariables = ['DATABASE_URL', 'REDIS_URL', 'KAFKA_BROKERS', 'OFFLINE_URL'] as const;
export type SharedVariable = (typeof sharedVariables)[number];

export const roleNeeds: Readonly<Record<Role, readonly SharedVariable[]>> = {
  all: [],
  gateway: [],
  registry: ['DATABASE_URL'],
  online: ['DATABASE_URL', 'REDIS_URL', 'KAFKA_BROKERS'],
  offline: ['DATABASE_URL', 'REDIS_URL', 'KAFKA_BROKERS', 'OFFLINE_URL'],
  ingest: ['DATABASE_URL', 'REDIS_URL', 'KAFKA_BROKERS', 'OFFLINE_URL'],
  monitor: ['DATABASE_URL', 'REDIS_URL', 'KAFKA_BROKERS'],
};

/** Whether it serves the gateway only. */
export function isBehindGateway(role: Role): boolean {
  return role === 'registry' || role === 'online' || role === 'offline';
}

/** Whether it fills views from history. */
export function fillsViews(role: Role): boolean {
  return role === 'all' || role === 'offline';
}

/** Whether definitions can be applied when such a process starts. */
export function appliesDefinitions(role: Role): boolean {
  return role === 'all' || role === 'registry';
}
