import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isBehindGateway, type Role, roleNeeds } from '../../cli/serve/roles.ts';
import { readSettings } from '../../cli/serve/settings.ts';
import { createMetrics } from '../../runtime/metrics.ts';
import { operationalRoutes } from '../../runtime/operational-routes.ts';
import { describeWithTool } from '../services/find-program.ts';
import {
  isSelected,
  isWorkload,
  kubectl,
  type Manifest,
  type NetworkPolicy,
  parseManifests,
  renderKustomization,
  type Selector,
  takes,
} from './manifests.ts';
import { imageVariables, separateRoles, subgraphRoles, variablesRead } from './variables.ts';

const project = new URL('../../', import.meta.url).pathname;
const base = join(project, 'deploy/kustomize/base');

describeWithTool('deploy/kustomize', kubectl, () => {
  const manifests = parseManifests(renderKustomization(base));
  const of = <Kind extends Manifest>(wanted: string) => manifests.filter(({ kind }) => kind === wanted) as Kind[];
  const workloads = manifests.filter(isWorkload).map((workload) => {
    const { spec } = workload.spec.template;
    return { ...workload, pod: spec, container: spec.containers[0]!, role: spec.containers[0]!.args[1] as Role };
  });
  type Process = (typeof workloads)[number];
  const workload = (role: Role): Process => workloads.find((candidate) => candidate.role === role)!;
  const labelsOf = (role: Role) => workload(role).spec.template.metadata.labels;
  const configMaps = new Map(
    of<Manifest & { data: Record<string, string> }>('ConfigMap').map(({ metadata, data }) => [metadata.name, data]),
  );
  /** What docs/deployment.md has one put into the secret asof-servers. */
  const servers = {
    DATABASE_URL: 'postgres://asof:secret@postgres/asof',
    REDIS_URL: 'redis://redis',
    KAFKA_BROKERS: 'kafka:9092',
  };
  const variablesOf = ({ container }: Process): Record<string, string> => ({
    ...imageVariables(),
    OFFLINE_URL: '',
    ...Object.assign(
      {},
      ...container.envFrom.map(({ configMapRef }) =>
        configMapRef === undefined ? servers : configMaps.get(configMapRef.name),
      ),
    ),
    ...Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value])),
  });
  const settingsOf = (process: Process) => readSettings(variablesOf(process), process.role);
  /** The volume that a path lies on. */
  const volumeAt = ({ container, pod, spec }: Process, path: string) => {
    const mount = container.volumeMounts.find(
      ({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`),
    );
    const claims = spec.volumeClaimTemplates?.map(({ metadata }) => ({ name: metadata.name, isClaimed: true })) ?? [];
    return mount && { mount, ...[...pod.volumes, ...claims].find(({ name }) => name === mount.name) };
  };

  it('runs each part as a workload of its own', () => {
    expect(workloads.map(({ role }) => role).sort()).toEqual([...separateRoles].sort());
    for (const { role, metadata, pod, container } of workloads) {
      expect(metadata.name).toBe(`asof-${role}`);
      expect(container.args).toEqual(['serve', role]);
      expect(container.command).toBeUndefined();
      expect(pod.containers).toHaveLength(1);
    }
  });

  it('gives each variables that it reads and takes, of servers only to those that need them', () => {
    const known = variablesRead();
    for (const process of workloads) {
      const { role, container } = process;
      const { NODE_ENV, ...ours } = variablesOf(process);
      expect(Object.keys(ours).filter((name) => !known.has(name))).toEqual([]);
      expect(() => settingsOf(process), role).not.toThrow();
      const secrets = container.envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []);
      expect(secrets, role).toEqual(roleNeeds[role].length === 0 ? [] : ['asof-servers']);
    }
  });

  it('tells each where it listens, and the gateway where the others do', () => {
    const services = of<
      Manifest & { spec: { selector: Record<string, string>; ports: { port: number; targetPort: string }[] } }
    >('Service');
    expect(services).toHaveLength(1 + subgraphRoles.length);
    for (const process of workloads) {
      const { host, port } = settingsOf(process);
      expect(host).toBe('0.0.0.0');
      expect(process.container.ports).toEqual([{ name: 'http', containerPort: port }]);
    }
    for (const { metadata, spec } of services) {
      const selected = workloads.filter(({ role }) => isSelected(labelsOf(role), { matchLabels: spec.selector }));
      expect(selected.map(({ metadata }) => metadata.name)).toEqual([metadata.name]);
      expect(spec.ports).toMatchObject([{ port: 4000, targetPort: 'http' }]);
    }
    const { subgraphUrls } = settingsOf(workload('gateway'));
    for (const role of subgraphRoles) expect(subgraphUrls[role]).toEqual([`http://asof-${role}:4000`]);
    for (const { spec, metadata } of workloads) {
      if (spec.serviceName !== undefined)
        expect(services.map(({ metadata: { name } }) => name)).toContain(spec.serviceName);
      expect(spec.serviceName !== undefined).toBe(metadata.name === 'asof-offline');
    }
  });

  it('probes what the program answers without a token', () => {
    const open = operationalRoutes({ metrics: createMetrics(), unready: () => [] }).filter(({ isOpen }) => isOpen);
    for (const { container } of workloads) {
      const { startupProbe, livenessProbe, readinessProbe } = container;
      const probes = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet);
      expect(probes).toEqual(['/healthz', '/healthz', '/readyz'].map((path) => ({ path, port: 'http' })));
      for (const { path } of probes) expect(open.map((route) => route.path)).toContain(path);
    }
  });

  it('tells Prometheus of a path and a port that are there', () => {
    const routes = operationalRoutes({ metrics: createMetrics(), unready: () => [] });
    for (const process of workloads) {
      const { annotations } = process.spec.template.metadata;
      expect(annotations['prometheus.io/scrape']).toBe('true');
      expect(annotations['prometheus.io/port']).toBe(String(settingsOf(process).port));
      expect(routes.map(({ path }) => path)).toContain(annotations['prometheus.io/path']);
    }
  });

  it('lets each process write to its data folder, to /tmp and no further, as nobody of note', () => {
    for (const process of workloads) {
      const { role, pod, container } = process;
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 1000,
        fsGroup: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
      const { dataDir, offlineDir, tokenFile, gatewayTokenFile } = settingsOf(process);
      expect(volumeAt(process, dataDir)).toMatchObject(
        role === 'offline' ? { isClaimed: true } : { emptyDir: expect.anything() },
      );
      expect(volumeAt(process, '/tmp')).toMatchObject({ emptyDir: expect.anything() });
      for (const file of [tokenFile!, gatewayTokenFile!]) {
        const secret = { secretName: 'asof-tokens', defaultMode: 0o400 };
        expect(volumeAt(process, file)).toMatchObject({ secret, mount: { readOnly: true } });
      }
      if (roleNeeds[role].includes('OFFLINE_URL')) {
        expect(volumeAt(process, offlineDir)).toMatchObject({ persistentVolumeClaim: { claimName: 'asof-history' } });
      }
    }
    const claims = of<Manifest & { spec: { accessModes: string[] } }>('PersistentVolumeClaim');
    expect(claims).toMatchObject([{ metadata: { name: 'asof-history' }, spec: { accessModes: ['ReadWriteMany'] } }]);
  });

  it('bounds each, and gives it time to end', () => {
    for (const { container, pod } of workloads) {
      for (const resource of ['cpu', 'memory'] as const) {
        expect(container.resources.requests[resource]).toMatch(/^\d+(m|Mi|Gi)?$/);
        expect(container.resources.limits[resource]).toMatch(/^\d+(m|Mi|Gi)?$/);
      }
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(30);
    }
    const megabytes = Number(/^(\d+)GB$/.exec(variablesOf(workload('offline')).ASOF_DUCKDB_MEMORY!)![1]) * 1_000;
    const limit = Number(/^(\d+)Gi$/.exec(workload('offline').container.resources.limits.memory)![1]) * 1_074;
    expect(megabytes).toBeLessThan(limit - 1_000);
  });

  it('selects what it means by labels', () => {
    for (const { spec, role } of workloads) {
      const selected = workloads.filter((other) => isSelected(labelsOf(other.role), spec.selector));
      expect(selected.map((other) => other.role)).toEqual([role]);
    }
    const budgets = of<Manifest & { spec: { maxUnavailable: number; selector: Selector } }>('PodDisruptionBudget');
    for (const { role } of workloads) {
      const selecting = budgets.filter(({ spec }) => isSelected(labelsOf(role), spec.selector));
      expect(selecting.map(({ metadata, spec }) => [metadata.name, spec.maxUnavailable])).toEqual([
        [`asof-${role}`, 1],
      ]);
    }
    expect(budgets).toHaveLength(workloads.length);
  });

  it('adds processes where they help, by what tells that they would', async () => {
    const scalers = of<
      Manifest & {
        spec: {
          scaleTargetRef: { kind: string; name: string };
          minReplicas: number;
          metrics: { resource?: { name: string }; external?: { metric: { name: string } } }[];
        };
      }
    >('HorizontalPodAutoscaler');
    const metricsOf = new Map(
      scalers.map(({ spec }) => [
        `${spec.scaleTargetRef.kind} ${spec.scaleTargetRef.name}`,
        spec.metrics.map(({ resource, external }) => resource?.name ?? external?.metric.name),
      ]),
    );
    expect(Object.fromEntries(metricsOf)).toEqual({
      'Deployment asof-gateway': ['cpu'],
      'Deployment asof-online': ['cpu'],
      'Deployment asof-ingest': ['asof_ingest_backlog_records'],
    });
    for (const { kind, metadata, spec } of workloads) {
      // Applying the manifests again must not undo what an autoscaler did.
      const isScaled = metricsOf.has(`${kind} ${metadata.name}`);
      expect(spec.replicas === undefined, metadata.name).toBe(isScaled);
    }
    const { text } = await createMetrics().expose();
    const page = readFileSync(join(project, 'docs/deployment.md'), 'utf8');
    for (const name of [...(page.match(/asof_\w+/g) ?? []), 'asof_ingest_backlog_records']) {
      expect(text).toContain(`# TYPE ${name} `);
    }
    for (const { spec } of scalers) expect(spec.minReplicas).toBe(2);
    for (const role of ['offline', 'monitor'] as const) expect(workload(role).spec.replicas).toBe(1);
    expect(workload('monitor').spec.strategy?.type).toBe('Recreate');
  });

  it('lets clients reach the gateway, the gateway its subgraphs, and Prometheus all; nobody else anything', () => {
    const policies = of<NetworkPolicy>('NetworkPolicy');
    const pods = [...separateRoles.map((role) => labelsOf(role)), { app: 'somebody' }];
    for (const to of separateRoles) {
      for (const [index, pod] of pods.entries()) {
        const isGatewayAsking = separateRoles[index] === 'gateway' && isBehindGateway(to);
        const isAllowed = takes(policies, labelsOf(to), { pod, namespace: 'same' });
        expect(isAllowed, `${separateRoles[index] ?? 'somebody'} to ${to}`).toBe(to === 'gateway' || isGatewayAsking);
      }
      const elsewhere = (namespace: string) => ({
        pod: { app: 'somebody' },
        namespace: { 'kubernetes.io/metadata.name': namespace },
      });
      expect(takes(policies, labelsOf(to), elsewhere('monitoring'))).toBe(true);
      expect(takes(policies, labelsOf(to), elsewhere('default'))).toBe(to === 'gateway');
    }
    for (const { spec } of policies) {
      expect(spec.policyTypes).toEqual(['Ingress']);
      for (const { ports } of spec.ingress ?? []) expect(ports).toEqual([{ port: 'http' }]);
    }
  });
});
