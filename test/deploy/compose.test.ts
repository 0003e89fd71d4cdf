import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseRole, type Role } from '../../cli/serve/roles.ts';
import { readSettings } from '../../cli/serve/settings.ts';
import { parseGatewayTokenFile, parseTokenFile } from '../../runtime/access/token-file.ts';
import { temporaryFolders } from '../processes/temporary-folders.ts';
import { imageVariables, separateRoles, subgraphRoles, variablesRead } from './variables.ts';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly read_only?: boolean;
  readonly mem_limit?: string;
  readonly healthcheck?: unknown;
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly deploy?: { readonly replicas: number };
  readonly user?: string;
  readonly privileged?: boolean;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const newFolder = temporaryFolders('compose');
const project = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, project), 'utf8');
const compose = parse(read('compose.yaml'), { merge: true }) as Compose;
const services = Object.entries(compose.services).map(([name, service]) => ({ name, ...service }));
const ours = services
  .filter(({ image }) => image.startsWith('asof:'))
  .map((service) => ({ ...service, role: parseRole(service.command?.[1]) }));
const servers = services.filter(({ image }) => !image.startsWith('asof:'));
const { HOST, ...image } = imageVariables();

const textsOf = (service: Service): Record<string, string> =>
  Object.fromEntries(Object.entries(service.environment ?? {}).map(([name, value]) => [name, String(value)]));
const settingsOf = (service: Service & { readonly role: Role }) =>
  readSettings({ ...image, ...textsOf(service) }, service.role);
/** What is mounted where. */
const mountsOf = ({ volumes = [], tmpfs = [] }: Service): ReadonlyMap<string, string> =>
  new Map([
    ...volumes.map((volume) => volume.split(':') as [string, string]).map(([name, path]) => [path, name] as const),
    ...tmpfs.map((entry) => [entry.split(':')[0]!, 'tmpfs'] as const),
  ]);

describe('compose.yaml', () => {
  it('follows the schema of the Compose specification, as dclint publishes it', () => {
    const folder = dirname(createRequire(import.meta.url).resolve('dclint/package.json'));
    // Its address of the meta-schema is one that Ajv does not know by that name; the schema is of draft 7.
    const { $schema, ...schema } = JSON.parse(readFileSync(join(folder, 'schemas/compose.schema.json'), 'utf8'));
    expect($schema).toContain('draft-07');
    const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
    validate(compose);
    expect(validate.errors).toBeNull();
    expect(validate({ services: { gateway: { ...compose.services.gateway, port: 4000 } } })).toBe(false);
    expect(validate({ services: { gateway: { ...compose.services.gateway, mem_limit: true } } })).toBe(false);
  });

  it('runs each part of Asof, ingest twice', () => {
    expect(ours.map(({ role }) => role).sort()).toEqual([...separateRoles].sort());
    for (const { name, role, command, deploy } of ours) {
      expect(command).toEqual(['serve', role]);
      expect(name).toBe(role);
      expect(deploy?.replicas ?? 1).toBe(role === 'ingest' ? 2 : 1);
    }
  });

  it('gives them variables that they read and take', () => {
    const known = variablesRead();
    for (const service of ours) {
      expect(Object.keys(textsOf(service)).filter((name) => !known.has(name))).toEqual([]);
      expect(() => settingsOf(service)).not.toThrow();
    }
    // Where it is reached from other containers, it does not listen without tokens.
    expect(HOST).toBe('0.0.0.0');
    for (const service of ours) {
      const { tokenFile, gatewayTokenFile } = settingsOf(service);
      expect([tokenFile, gatewayTokenFile]).toEqual(service.secrets?.map((name) => `/run/secrets/${name}`));
    }
  });

  it('names addresses that its services have', () => {
    const gateway = ours.find(({ role }) => role === 'gateway')!;
    for (const role of subgraphRoles) {
      const subgraph = ours.find((service) => service.role === role)!;
      const url = `http://${subgraph.name}:${settingsOf(subgraph).port}`;
      expect(settingsOf(gateway).subgraphUrls[role]).toEqual([url]);
    }
    for (const service of ours.filter(({ role }) => role !== 'gateway')) {
      const { databaseUrl, redisUrl, kafkaBrokers } = settingsOf(service);
      const hosts = [databaseUrl!, redisUrl!, `kafka://${kafkaBrokers[0]}`].map((url) => new URL(url).hostname);
      expect(hosts).toEqual(['postgres', 'redis', 'kafka']);
      expect(Object.keys(service.depends_on ?? {}).sort()).toEqual([...hosts].sort());
    }
    expect(servers.map(({ name }) => name).sort()).toEqual(['kafka', 'postgres', 'redis']);
    for (const { name, healthcheck } of servers) expect(healthcheck, name).toBeDefined();
  });

  it('publishes the gateway alone, on loopback', () => {
    const published = services.flatMap(({ name, ports = [] }) => ports.map((port) => `${name} ${port}`));
    expect(published).toEqual(['gateway 127.0.0.1:4000:4000']);
  });

  it('lets each process write to its data folder and no further, and gives nobody more than he needs', () => {
    for (const service of ours) {
      const { name, read_only, cap_drop, security_opt, user, privileged } = service;
      expect({ name, read_only, cap_drop, security_opt, user, privileged }).toEqual({
        name,
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        user: undefined,
        privileged: undefined,
      });
      const mounts = mountsOf(service);
      const { dataDir, offlineDir } = settingsOf(service);
      expect(mounts.get(dataDir)).toBe(service.role === 'offline' ? 'offline' : 'tmpfs');
      expect(mounts.get('/tmp')).toBe('tmpfs');
      const writesHistory = service.role === 'offline' || service.role === 'ingest';
      expect(mounts.get(offlineDir)).toBe(writesHistory ? 'history' : undefined);
    }
    for (const { name, mem_limit } of services) expect(mem_limit, name).toBeDefined();
  });

  it('mounts volumes and secrets that it declares; git does not take the secrets', () => {
    const mounted = services.flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0]!));
    expect([...new Set(mounted)].sort()).toEqual(Object.keys(compose.volumes).sort());
    for (const service of ours) expect(service.secrets).toEqual(Object.keys(compose.secrets));
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^\.\/secrets\//);
    expect(read('.gitignore').split('\n')).toContain('secrets/');
  });

  it('takes the tokens that docs/deployment.md makes', () => {
    const folder = newFolder();
    const [, script = ''] = /```sh secrets\n(.*?)```/s.exec(read('docs/deployment.md')) ?? [];
    execFileSync('bash', ['-euc', script], { cwd: folder });
    for (const [name, { file }] of Object.entries(compose.secrets)) {
      const path = join(folder, file);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      const parseFile = name === 'tokens' ? parseTokenFile : parseGatewayTokenFile;
      expect([...parseFile(readFileSync(path, 'utf8'), path)]).toHaveLength(name === 'tokens' ? 2 : 1);
    }
  });

  it('takes the Kafka that the tests run on', () => {
    const [, tested] = /kafka_2\.13<\/artifactId>\s*<version>([\d.]+)/.exec(read('test/services/kafka/pom.xml')) ?? [];
    expect(compose.services.kafka?.image).toBe(`apache/kafka:${tested}`);
  });
});
