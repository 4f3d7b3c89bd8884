import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type ClusterNetworks, networkPatches } from './network-patches.ts';

/** What the manifests leave open, because only the deployment knows it. */
export interface DeploymentSettings {
  /** Service (also the image's name in the manifests) -> address of its image in the registry. */
  readonly images: Readonly<Record<string, string>>;
  /** Service -> entries of its ConfigMap `<service>-parameters`. */
  readonly parameters: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly networks: ClusterNetworks;
  /** ACM certificate with which the bot's load balancer terminates TLS; without one it forwards TCP. */
  readonly botCertificateArn: string | undefined;
}

const namespace = 'stepkube';
const bot = 'polybot';
const overlay = 'manifests/overlays/production';

/**
 * Copies the manifests and adds a kustomization that fills in the settings. They are copied because the function's own
 * folder is read-only and kustomize accepts bases by relative path only.
 * @returns the folder for `kubectl apply -k`
 */
export async function writeDeployment(
  manifests: string,
  target: string,
  settings: DeploymentSettings,
): Promise<string> {
  const folder = join(target, 'deployment');
  await cp(manifests, join(target, 'workloads'), { recursive: true });
  await mkdir(folder);
  await writeFile(join(folder, 'kustomization.yaml'), stringify(kustomization(settings)));
  return folder;
}

function kustomization({ images, parameters, networks, botCertificateArn }: DeploymentSettings): object {
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [`../workloads/${overlay}`],
    images: Object.entries(images).map(([name, address]) => ({ name, ...splitImage(address) })),
    configMapGenerator: Object.entries(parameters).map(([service, values]) => ({
      name: `${service}-parameters`,
      namespace,
      behavior: 'merge',
      literals: Object.entries(values).map(([key, value]) => `${key}=${value}`),
    })),
    patches: [
      ...networkPatches(networks),
      ...(botCertificateArn === undefined ? [] : [terminateTls(botCertificateArn)]),
    ],
  };
}

/** Splits host:5000/name:tag or host/name@sha256:... into kustomize's fields. */
function splitImage(address: string): { newName: string; newTag?: string; digest?: string } {
  const [name, digest] = address.split('@', 2) as [string, string?];
  if (digest !== undefined) return { newName: name, digest };
  const colon = name.indexOf(':', name.lastIndexOf('/'));
  return colon < 0 ? { newName: name } : { newName: name.slice(0, colon), newTag: name.slice(colon + 1) };
}

/** Without a policy the load balancer takes the one of 2016, which allows TLS 1.0. */
const tlsPolicy = 'ELBSecurityPolicy-TLS13-1-2-2021-06';

function terminateTls(certificateArn: string): object {
  const annotations = {
    'service.beta.kubernetes.io/aws-load-balancer-ssl-cert': certificateArn,
    'service.beta.kubernetes.io/aws-load-balancer-ssl-ports': '443',
    'service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy': tlsPolicy,
  };
  return {
    target: { version: 'v1', kind: 'Service', name: bot },
    patch: stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: bot, annotations } }),
  };
}
