import { availableParallelism } from 'node:os';
import type { Role } from '../roles.ts';

/** Who answers so much that one core may not be enough. */
const rolesWithWorkers: readonly Role[] = ['all', 'online', 'gateway'];
const mostWorkers = 256;

/** How many processes ASOF_WORKERS asks for, or the option `--workers`, which is told in its place. */
export function workersOf(
  { ASOF_WORKERS: text = '' }: Readonly<Record<string, string | undefined>>,
  role: Role,
  problems: string[],
): number {
  if (text === '') return 1;
  const count = text === 'auto' ? Math.min(availableParallelism(), mostWorkers) : Number(text);
  if (!Number.isInteger(count) || count < 1 || count > mostWorkers) {
    problems.push(`--workers (ASOF_WORKERS): expected a whole number from 1 to ${mostWorkers}, or auto, got '${text}'`);
    return 1;
  }
  if (count > 1 && !rolesWithWorkers.includes(role)) {
    const isOne = role === 'offline' || role === 'monitor';
    const instead = isOne ? 'leave it out' : 'start more processes of that role instead';
    problems.push(`--workers (ASOF_WORKERS): a process that is ${role} alone has no workers; ${instead}`);
  }
  return count;
}
