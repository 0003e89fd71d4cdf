import { readFileSync } from 'node:fs';
import { roles } from '../../cli/serve/roles.ts';
import { readSettings } from '../../cli/serve/settings.ts';
import { type Instruction, parseDockerfile } from './dockerfile.ts';

type Variables = Readonly<Record<string, string>>;

/** The names of all that a process of any role looks for in its environment. */
export function variablesRead(): ReadonlySet<string> {
  const names = new Set<string>();
  const needed: Variables = {
    DATABASE_URL: 'postgres://host/database',
    REDIS_URL: 'redis://host',
    KAFKA_BROKERS: 'host:9092',
    OFFLINE_URL: '/history',
  };
  const watched = new Proxy(needed, {
    get(target, name) {
      if (typeof name === 'string') names.add(name);
      return Reflect.get(target, name);
    },
  });
  for (const role of roles) readSettings(watched, role);
  return names;
}

/** What the program's paths and addresses are in a container, of the image's variables and these. */
export function imageVariables(): Variables {
  const { instructions } = imageStage();
  return Object.fromEntries(
    instructions
      .filter(({ name }) => name === 'ENV')
      .flatMap(({ words }) => words)
      .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
}

/** The stage that becomes the image. */
export function imageStage(): { readonly base: string; readonly instructions: readonly Instruction[] } {
  return parseDockerfile(readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')).at(-1)!;
}

/** Those that are started as processes of their own. */
export const separateRoles = roles.filter((role) => role !== 'all');

/** Where the gateway finds others. */
export const subgraphRoles = ['registry', 'online', 'offline'] as const;
