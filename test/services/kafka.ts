import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Certificates } from './certificates.ts';
import { findProgram } from './find-program.ts';
import { freePort } from './free-port.ts';
import { unprivileged } from './identity.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** Everything that starts servers runs from the repository's root, compiled or not. */
const pom = resolve('test/services/kafka/pom.xml');
const jars = resolve('.tmp/kafka');
const programs = { java: findProgram('java'), mvn: findProgram('mvn') };

export const kafka = {
  program: existsSync(jars) || programs.mvn !== null ? programs.java : null,
  install: 'apt-get install openjdk-17-jre-headless maven (the broker itself comes by Maven)',
};

/** A second door, for whom SASL lets in: by PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 alike. */
export interface SecureDoor {
  readonly username: string;
  readonly password: string;
  /** Over TLS, with these; null = not. */
  readonly certificates: Certificates | null;
}

export interface KafkaServer extends ServerProcess {
  /** `host:port`, as in KAFKA_BROKERS. */
  readonly brokers: string;
  /** Of the secure door, where there is one. */
  readonly secureBrokers: string;
  /** Starts again, on the same port and data, after `kill` or `stop`. */
  restart(): Promise<void>;
}

/**
 * A Kafka broker on loopback in KRaft mode, one node that is its own controller, with a fresh data folder which goes
 * when it stops. Its libraries are fetched by Maven the first time.
 */
export async function startKafka(
  settings: Readonly<Record<string, string>> = {},
  door: SecureDoor | null = null,
): Promise<KafkaServer> {
  if (programs.java === null) throw new Error(`Kafka cannot start: ${kafka.install}`);
  const java = programs.java;
  fetchJars();
  const folder = mkdtempSync(join(tmpdir(), 'asof-kafka-'));
  const user = unprivileged();
  const [port, controllerPort, securePort] = [await freePort(), await freePort(), await freePort()];
  const properties = join(folder, 'server.properties');
  const base = singleNode(folder, port, controllerPort);
  const secured = door === null ? {} : secureDoor(base, folder, securePort, door);
  writeFileSync(properties, propertiesText({ ...base, ...secured, ...settings }));
  if (user !== undefined) for (const path of [folder, properties]) chownSync(path, user.uid, user.gid);
  // A copy: the server's user may not be let into the folder of whoever runs the tests.
  cpSync(jars, join(folder, 'libs'), { recursive: true });
  const classPath = join(folder, 'libs', '*');
  const run = { cwd: folder, ...user };
  // With a dash in front it would be taken for an option.
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  execFileSync(
    java,
    [
      '-cp',
      classPath,
      'kafka.tools.StorageTool',
      'format',
      '--standalone',
      '--cluster-id',
      clusterId,
      '--config',
      properties,
      ...(door === null ? [] : scramUsers(door)),
    ],
    { ...run, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const args = ['-Xmx512m', '-Dorg.apache.logging.log4j.level=INFO', '-cp', classPath, 'kafka.Kafka', properties];
  const start = () => startServerProcess(java, args, { ready: /Kafka Server started/, ...run });
  let running = await start();
  return {
    brokers: `127.0.0.1:${port}`,
    secureBrokers: `127.0.0.1:${securePort}`,
    kill: () => running.kill(),
    restart: async () => {
      running = await start();
    },
    [Symbol.asyncDispose]: async () => {
      await running[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Beside the checkout's other temporary files, moved into place whole: a fetch that is interrupted leaves nothing. */
function fetchJars(): void {
  if (existsSync(jars)) return;
  if (programs.mvn === null) throw new Error(`Kafka's libraries are not here: ${kafka.install}`);
  const partial = `${jars}-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  const copy = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${partial}`];
  execFileSync(programs.mvn, copy, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (existsSync(jars)) rmSync(partial, { recursive: true, force: true });
  else renameSync(partial, jars);
}

function singleNode(folder: string, port: number, controllerPort: number): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'auto.create.topics.enable': 'false',
  };
}

function secureDoor(
  base: Record<string, string>,
  folder: string,
  port: number,
  { username, password, certificates }: SecureDoor,
): Record<string, string> {
  const login = (module: string, users: string): string =>
    `org.apache.kafka.common.security.${module} required ${users};`;
  const door = 'listener.name.secure';
  const identity = join(folder, 'server.pem');
  if (certificates !== null) {
    writeFileSync(identity, [certificates.key, certificates.certificate].map((path) => readFileSync(path)).join(''));
  }
  return {
    listeners: `${base.listeners},SECURE://127.0.0.1:${port}`,
    'advertised.listeners': `${base['advertised.listeners']},SECURE://127.0.0.1:${port}`,
    'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:${certificates === null ? 'SASL_PLAINTEXT' : 'SASL_SSL'}`,
    'inter.broker.listener.name': 'PLAINTEXT',
    [`${door}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    [`${door}.plain.sasl.jaas.config`]: login('plain.PlainLoginModule', `user_${username}="${password}"`),
    [`${door}.scram-sha-256.sasl.jaas.config`]: login('scram.ScramLoginModule', ''),
    [`${door}.scram-sha-512.sasl.jaas.config`]: login('scram.ScramLoginModule', ''),
    ...(certificates !== null && {
      [`${door}.ssl.keystore.type`]: 'PEM',
      [`${door}.ssl.keystore.location`]: identity,
    }),
  };
}

function scramUsers({ username, password }: SecureDoor): string[] {
  return ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${username},password=${password}]`,
  ]);
}

function propertiesText(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
