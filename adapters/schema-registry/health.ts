import { findingsOf } from '../../core/health/findings.ts';
import type { HealthCheck } from '../../core/ports/health-check.ts';
import { createSchemaRegistry, type SchemaRegistryOptions } from './registry.ts';

const { ok, failed } = findingsOf('schema registry');

/** Whether it answers who we say we are. */
export function schemaRegistryHealth(options: SchemaRegistryOptions): HealthCheck {
  return {
    service: 'schema registry',
    async *checks() {
      try {
        // Any id will do: that there is no such schema is an answer.
        await createSchemaRegistry(options).byId(1);
        yield ok('connection', 'it answers');
      } catch (error) {
        yield failed('connection', error);
      }
    },
  };
}
