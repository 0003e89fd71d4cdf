import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProgram } from './find-program.ts';
import { freePort } from './free-port.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** Apicurio, which answers as Confluent's registry does; Apache-2.0, and Maven brings it. */
const artifact = 'io.apicurio:apicurio-registry-app:3.0.9:tar.gz:all';
const home = resolve('.tmp/apicurio-registry');
const programs = { java: findProgram('java'), mvn: findProgram('mvn') };

export const schemaRegistry = {
  program: existsSync(home) || programs.mvn !== null ? programs.java : null,
  install: 'apt-get install openjdk-17-jre-headless maven (the registry itself comes by Maven)',
};

export interface SchemaRegistryServer extends ServerProcess {
  /** As in SCHEMA_REGISTRY_URL. */
  readonly url: string;
  /** Registers a schema under a subject; returns its id. */
  register(subject: string, schema: RegisteredText): Promise<number>;
}

export interface RegisteredText {
  readonly schema: string;
  readonly schemaType?: 'AVRO' | 'PROTOBUF';
  readonly references?: readonly { readonly name: string; readonly subject: string; readonly version: number }[];
}

/** A schema registry on loopback that holds nothing. It is fetched by Maven the first time. */
export async function startSchemaRegistryServer(): Promise<SchemaRegistryServer> {
  if (programs.java === null) throw new Error(`the schema registry cannot start: ${schemaRegistry.install}`);
  fetchRegistry();
  const port = await freePort();
  const jar = readdirSync(home).find((name) => name.endsWith('-runner.jar'))!;
  const args = ['-Xmx512m', '-Dquarkus.http.host=127.0.0.1', `-Dquarkus.http.port=${port}`, '-jar', join(home, jar)];
  const running = await startServerProcess(programs.java, args, { ready: /RegistryStorage implementation/ });
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  await untilAnswered(`${url}/subjects`);
  return {
    ...running,
    url,
    async register(subject, schema) {
      const response = await fetch(`${url}/subjects/${encodeURIComponent(subject)}/versions`, {
        method: 'POST',
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        body: JSON.stringify(schema),
      });
      if (!response.ok) throw new Error(`the registry refused ${subject}: ${await response.text()}`);
      return ((await response.json()) as { id: number }).id;
    },
  };
}

/** It does not say when it listens. */
async function untilAnswered(url: string): Promise<void> {
  for (let left = 100; ; left--) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok === true) return;
    if (left === 0)
      throw new Error(`the schema registry does not answer at ${url}: ${response?.status ?? 'no answer'}`);
    await delay(100);
  }
}

/** Moved into place whole: a fetch that is interrupted leaves nothing. */
function fetchRegistry(): void {
  if (existsSync(home)) return;
  if (programs.mvn === null) throw new Error(`the schema registry is not here: ${schemaRegistry.install}`);
  const partial = `${home}-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  const copy = ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${partial}`];
  execFileSync(programs.mvn, copy, { stdio: ['ignore', 'ignore', 'inherit'] });
  const archive = readdirSync(partial).find((name) => name.endsWith('.tar.gz'))!;
  execFileSync('tar', ['-xzf', archive], { cwd: partial });
  rmSync(join(partial, archive));
  if (existsSync(home)) rmSync(partial, { recursive: true, force: true });
  else renameSync(partial, home);
}
