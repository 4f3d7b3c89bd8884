import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { analysisEvent } from '@stepkube/shared/events/events.ts';
import { kubectlPath } from '@stepkube/tools/kubectl.ts';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { pino } from 'pino';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { eventsOf, usualBehavior } from '#support/workloads/analysis-events.ts';
import { createApi } from '#workloads/model-analyzer/src/api.ts';

/** model-analyzer has no access to user data. The permissions of its role are tested with the template. */
const [event] = eventsOf(usualBehavior, 1);

describe('input of model-analyzer', () => {
  it.each([
    ['user', { id: '7000000042' }],
    ['userId', '7000000042'],
    ['chatId', 42],
    ['bytes', 81_234],
    ['picture', { width: 1280, height: 720 }],
    ['pictureKey', 'uploads/9f2c'],
  ])("model-analyzer's event schema refuses the field %s", (field, value) => {
    expect(analysisEvent.safeParse(event).success).toBe(true);
    expect(analysisEvent.safeParse({ ...event, [field]: value }).error?.issues).toMatchObject([
      { code: 'unrecognized_keys', keys: [field] },
    ]);
  });

  it("model-analyzer's event schema refuses unknown fields in the model and in detections", () => {
    const detections = [{ label: 'dog', confidencePermille: 500, box: { x1: 0, y1: 0, x2: 1, y2: 1 } }];
    expect(analysisEvent.safeParse({ ...event, detections }).success).toBe(false);
    expect(analysisEvent.safeParse({ ...event, model: { ...event!.model, userId: '42' } }).success).toBe(false);
  });
});

describe('output of model-analyzer', () => {
  it("model-analyzer's OpenAPI document has no field about users, chats or files", async () => {
    const log = pino({ enabled: false });
    const api = createApi({ readModels: async () => [], retentionDays: 14, log, onRequest: () => undefined });
    const document = await (await api.request('/openapi.json')).text();
    expect(document).toContain('meanConfidence');
    const fields = [...document.matchAll(/"(\w+)":\{/g)].map(([, name]) => name!);
    expect(fields.filter((name) => /user|chat|bytes|key|message/i.test(name))).toEqual([]);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: manifests of every kind
type Manifest = any;
const roots = { workload: 'model-analyzer/manifests/overlays/production', all: 'manifests/overlays/production' };

describe('pods of model-analyzer', () => {
  const rendered: Record<string, Manifest[]> = {};
  beforeAll(async () => {
    for (const [name, path] of Object.entries(roots)) {
      const folder = projectPath('workloads', path);
      const { stdout } = await promisify(execFile)(await kubectlPath(), ['kustomize', folder]);
      rendered[name] = parseAllDocuments(stdout).map((document) => document.toJS());
    }
  });
  const find = (kind: string, name: string): Manifest =>
    rendered['workload']!.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  const policies = () => rendered['all']!.filter(({ kind }) => kind === 'NetworkPolicy');

  it('only model-analyzer uses the service account model-analyzer', () => {
    const accounts = rendered['all']!.filter(({ kind }) => kind === 'Deployment').map(({ metadata, spec }) => [
      metadata.name,
      spec.template.spec.serviceAccountName,
    ]);
    expect(accounts.filter(([, account]) => account === 'model-analyzer')).toEqual([
      ['model-analyzer', 'model-analyzer'],
    ]);
    expect(find('ServiceAccount', 'model-analyzer').automountServiceAccountToken).toBe(false);
  });

  it('the API of model-analyzer is reachable only from namespaces labeled stepkube.dev/analysts', () => {
    expect(find('NetworkPolicy', 'model-analyzer').spec.ingress).toEqual([
      {
        from: [{ namespaceSelector: { matchLabels: { 'stepkube.dev/analysts': 'true' } } }],
        ports: [{ protocol: 'TCP', port: 'http' }],
      },
    ]);
    expect(find('Service', 'model-analyzer').spec).toMatchObject({ ports: [{ port: 80, targetPort: 'http' }] });
    const { containers } = find('Deployment', 'model-analyzer').spec.template.spec;
    expect(containers[0].ports).toContainEqual({ name: 'http', containerPort: 8080, protocol: 'TCP' });
  });

  it('model-analyzer reaches HTTPS outside of the cluster and nothing else', () => {
    const { policyTypes, egress } = find('NetworkPolicy', 'model-analyzer').spec;
    expect(policyTypes).toEqual(['Ingress', 'Egress']);
    expect(egress).toEqual([
      {
        to: [
          {
            ipBlock: {
              cidr: '0.0.0.0/0',
              except: ['169.254.0.0/16', '10.0.0.0/16', '10.244.0.0/16', '10.96.0.0/12'],
            },
          },
        ],
        ports: [{ protocol: 'TCP', port: 443 }],
      },
    ]);
  });

  it('no network policy connects model-analyzer with polybot or metering', () => {
    const peersOf = ({ spec }: Manifest): string =>
      JSON.stringify([spec.ingress ?? [], spec.egress ?? []].flat().map(({ from, to }: Manifest) => [from, to]));
    const ofModelAnalyzer = policies().filter(
      ({ spec }) => spec.podSelector.matchLabels?.['app.kubernetes.io/name'] === 'model-analyzer',
    );
    expect(ofModelAnalyzer).toHaveLength(1);
    expect(peersOf(ofModelAnalyzer[0])).not.toMatch(/podSelector|polybot|metering/);
    const namingIt = policies().filter((policy) => peersOf(policy).includes('model-analyzer'));
    expect(namingIt).toEqual([]);
    const serving443 = rendered['all']!.filter(({ kind }) => kind === 'Deployment').flatMap(({ spec }) =>
      spec.template.spec.containers.flatMap(({ ports }: Manifest) => ports.map((port: Manifest) => port.containerPort)),
    );
    expect(serving443).not.toContain(443);
  });

  it('model-analyzer has two replicas, and a drain evicts one at a time', () => {
    expect(find('Deployment', 'model-analyzer').spec.replicas).toBe(2);
    expect(find('PodDisruptionBudget', 'model-analyzer').spec).toMatchObject({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    });
  });
});
