/** The web service of test clusters: its manifests, and requests to it through the load balancer. */
import { get } from 'node:http';
import type { ClusterHost } from '#local/contracts/cluster.ts';

/** Images that test clusters run as processes of the web service. */
export const webImagePrefix = 'registry.test/web:';

export interface WebOptions {
  readonly version?: string;
  readonly replicas?: number;
  /** More fields of the container, as YAML. */
  readonly container?: string;
  /** More fields of the pod's spec, as YAML. */
  readonly pod?: string;
}

/** A kustomization: Deployment, Service of type LoadBalancer and a generated ConfigMap. */
export function webManifests({
  version = 'one',
  replicas = 2,
  container = '',
  pod = '',
}: WebOptions = {}): Record<string, string> {
  return {
    'kustomization.yaml': `
resources: [web.yaml]
configMapGenerator:
  - { name: web, literals: [VERSION=${version}] }
`,
    'web.yaml': `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: LoadBalancer
  selector: { app: web }
  ports: [{ port: 80, targetPort: http }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 5
      ${pod}
      containers:
        - name: web
          image: ${webImagePrefix}1
          ports: [{ name: http, containerPort: 8080 }]
          envFrom: [{ configMapRef: { name: web } }]
          env:
            - { name: PORT, value: '8080' }
            - { name: HOST, valueFrom: { fieldRef: { fieldPath: status.podIP } } }
          readinessProbe: { httpGet: { path: /, port: http }, periodSeconds: 1 }
          ${container}
`,
  };
}

/** What the web service says of itself. */
export interface WebResponse {
  readonly version: string;
  readonly pid: number;
  readonly environment: Record<string, string>;
}

export async function getFromLoadBalancer(host: ClusterHost, url: string): Promise<WebResponse> {
  return JSON.parse(await readFromLoadBalancer(host, url));
}

/** GET by the cluster's load balancer. @throws when no load balancer serves port 80 */
export function readFromLoadBalancer(host: ClusterHost, url: string): Promise<string> {
  const target = host.resolveLoadBalancer(80);
  if (!target) throw new Error('no load balancer serves port 80');
  return new Promise((resolve, reject) => {
    const request = get({ ...target, path: url, agent: false, timeout: 5000 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
  });
}
