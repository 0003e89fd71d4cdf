import { totalmem } from 'node:os';
import { findingsOf } from '../../core/health/findings.ts';
import type { HealthCheck } from '../../core/ports/health-check.ts';

/** As package.json's `engines` says. */
export const oldestNode = '20.19';

const { holds } = findingsOf('machine');

/** What runs the process. `nodeVersion` as in `process.versions.node`. */
export function machineHealth({
  nodeVersion,
  duckDbMemory,
}: {
  nodeVersion: string;
  duckDbMemory: string;
}): HealthCheck {
  return {
    service: 'machine',
    async *checks() {
      yield holds(isAtLeast(nodeVersion, oldestNode), 'fail', {
        what: 'Node',
        expected: `${oldestNode} or newer`,
        got: nodeVersion,
        remedy: 'Install a newer Node',
      });
      const [, size, unit] = /^(\d+)(MB|GB)$/.exec(duckDbMemory) ?? [];
      const asked = Number(size) * (unit === 'GB' ? 1024 : 1);
      const there = Math.floor(totalmem() / 1024 / 1024);
      yield holds(asked <= there / 2, 'warn', {
        what: 'memory for joins',
        expected: `at most half of the machine's ${there} MB`,
        got: duckDbMemory,
        remedy: 'Lower ASOF_DUCKDB_MEMORY: joins spill to disk beyond it',
      });
    },
  };
}

function isAtLeast(version: string, oldest: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
