import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolders } from '../processes/temporary-folders.ts';
import { describeWithService, describeWithTool } from '../services/find-program.ts';
import { python } from '../services/python-package.ts';
import { type Verdict, validateManifests } from './kubernetes-schemas.ts';
import { isWorkload, kubectl, parseManifests, renderKustomization } from './manifests.ts';
import { separateRoles } from './variables.ts';

const newFolder = temporaryFolders('kustomize');
const project = new URL('../../', import.meta.url).pathname;

const renderBase = (): string => renderKustomization(join(project, 'deploy/kustomize/base'));

/** Of docs/deployment.md: what somebody writes who uses the base. */
function renderOverlay(): string {
  const folder = newFolder();
  const page = readFileSync(join(project, 'docs/deployment.md'), 'utf8');
  const [, overlay = ''] = /```yaml overlay\/kustomization\.yaml\n(.*?)```/s.exec(page) ?? [];
  cpSync(join(project, 'deploy'), join(folder, 'deploy'), { recursive: true });
  mkdirSync(join(folder, 'overlay'));
  writeFileSync(join(folder, 'overlay/kustomization.yaml'), overlay);
  return renderKustomization(join(folder, 'overlay'));
}

function verdictOn(manifests: string, version: string): Verdict {
  const file = join(newFolder(), 'manifests.yaml');
  writeFileSync(file, manifests);
  return validateManifests(file, version);
}

describeWithTool('the overlay of docs/deployment.md', kubectl, () => {
  it('puts all into its namespace, with its image and its storage class', () => {
    const manifests = parseManifests(renderOverlay());
    expect(new Set(manifests.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['features']));
    const images = manifests
      .filter(isWorkload)
      .flatMap(({ spec }) => spec.template.spec.containers.map(({ image }) => image));
    expect(images).toEqual(separateRoles.map(() => 'registry.example/asof:0.1.0'));
    expect(manifests).toContainEqual(
      expect.objectContaining({
        kind: 'PersistentVolumeClaim',
        spec: expect.objectContaining({ storageClassName: 'nfs', accessModes: ['ReadWriteMany'] }),
      }),
    );
  });
});

describeWithTool('deploy/kustomize and the schemas of Kubernetes (kubectl)', kubectl, () => {
  describeWithService('deploy/kustomize and the schemas of Kubernetes (python3)', python, () => {
    // The oldest that knows all that is used (matchLabelKeys), one in the middle and the newest.
    it.each(['1.27', '1.32', '1.37'])('is what version %s takes', { timeout: 300_000 }, (version) => {
      for (const manifests of [renderBase(), renderOverlay()]) {
        const { isValid, lines } = verdictOn(manifests, version);
        expect(lines.filter((line) => !line.includes(' passed '))).toEqual([]);
        expect(lines).toHaveLength(parseManifests(manifests).length);
        expect(isValid).toBe(true);
      }
    });

    it('which refuse what is wrong', { timeout: 300_000 }, () => {
      const base = renderBase();
      const unknown = base.replaceAll('terminationGracePeriodSeconds', 'terminationGraceSeconds');
      const wrong = base.replaceAll('minReplicas: 2', 'minReplicas: two');
      for (const manifests of [unknown, wrong]) expect(verdictOn(manifests, '1.37').isValid).toBe(false);
    });
  });
});
