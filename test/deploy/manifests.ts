import { execFileSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import { findProgram } from '../services/find-program.ts';

export const kubectl = {
  program: findProgram('kubectl'),
  install: 'https://kubernetes.io/docs/tasks/tools/, version 1.27 or newer',
};

type Labels = Readonly<Record<string, string>>;

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Labels; readonly namespace?: string };
}

/** A Deployment or StatefulSet. */
export interface Workload extends Manifest {
  readonly spec: {
    readonly replicas?: number;
    readonly serviceName?: string;
    readonly selector: { readonly matchLabels: Labels };
    readonly strategy?: { readonly type: string };
    readonly template: {
      readonly metadata: { readonly labels: Labels; readonly annotations: Labels };
      readonly spec: Pod;
    };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

export function isWorkload(manifest: Manifest): manifest is Workload {
  return manifest.kind === 'Deployment' || manifest.kind === 'StatefulSet';
}

export interface Pod {
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
}

export interface Container {
  readonly args: readonly string[];
  readonly image: string;
  readonly command?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly envFrom: readonly {
    readonly configMapRef?: { readonly name: string };
    readonly secretRef?: { readonly name: string };
  }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly resources: {
    readonly requests: Readonly<Record<'cpu' | 'memory', string>>;
    readonly limits: Readonly<Record<'cpu' | 'memory', string>>;
  };
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

export interface Volume {
  readonly name: string;
  readonly emptyDir?: unknown;
  readonly secret?: { readonly secretName: string; readonly defaultMode: number };
  readonly persistentVolumeClaim?: { readonly claimName: string };
}

export interface NetworkPolicy extends Manifest {
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes: readonly string[];
    readonly ingress?: readonly {
      readonly from?: readonly { readonly podSelector?: Selector; readonly namespaceSelector?: Selector }[];
      readonly ports?: readonly { readonly port: string }[];
    }[];
  };
}

export interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
}

/** What a kustomization makes, as one text of many documents; needs kubectl, and no cluster. */
export function renderKustomization(folder: string): string {
  if (kubectl.program === null) throw new Error(`kubectl is not installed: ${kubectl.install}`);
  return execFileSync(kubectl.program, ['kustomize', folder], { encoding: 'utf8' });
}

export function parseManifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

export function isSelected(labels: Labels, { matchLabels = {}, matchExpressions = [] }: Selector): boolean {
  return (
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      if (operator !== 'In') throw new Error(`a selector has the operator ${operator}: expected In`);
      return values.includes(labels[key] ?? '');
    })
  );
}

/** Whether pods with these labels take a connection, as all policies together say: each may allow, none forbids. */
export function takes(
  policies: readonly NetworkPolicy[],
  to: Labels,
  from: { readonly pod: Labels; readonly namespace: Labels | 'same' },
): boolean {
  const selecting = policies.filter(({ spec }) => isSelected(to, spec.podSelector));
  if (selecting.length === 0) return true;
  return selecting.some(({ spec }) =>
    (spec.ingress ?? []).some(
      (rule) =>
        rule.from === undefined ||
        rule.from.some(({ podSelector, namespaceSelector }) => {
          const isNamespace =
            namespaceSelector === undefined
              ? from.namespace === 'same'
              : from.namespace !== 'same' && isSelected(from.namespace, namespaceSelector);
          return isNamespace && (podSelector === undefined || isSelected(from.pod, podSelector));
        }),
    ),
  );
}
