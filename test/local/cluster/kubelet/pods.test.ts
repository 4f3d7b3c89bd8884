import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issuerUrl, startTestCluster, type TestCluster } from '#support/cluster.ts';
import { getFromLoadBalancer, readFromLoadBalancer, webManifests } from '#support/cluster-web.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startTestCluster();
}, 60_000);
afterAll(() => cluster?.stop());

const pod = `
      volumes:
        - name: token
          projected:
            sources: [{ serviceAccountToken: { audience: sts.amazonaws.com, expirationSeconds: 3600, path: token } }]
        - { name: settings, configMap: { name: web } }
        - { name: scratch, emptyDir: {} }`;
const container = `
          volumeMounts:
            - { name: token, mountPath: /var/run/secrets/stepkube/token }
            - { name: settings, mountPath: /etc/settings }
            - { name: scratch, mountPath: /tmp }
          resources: { limits: { cpu: '1', memory: 128Mi }, requests: { cpu: 100m, memory: 64Mi } }
          livenessProbe: { httpGet: { path: /healthz, port: http }, periodSeconds: 1, failureThreshold: 1 }
          startupProbe: { httpGet: { path: /healthz, port: http }, periodSeconds: 1, failureThreshold: 20 }`;
const extraEnvironment = `
            - { name: TOKEN_FILE, value: /var/run/secrets/stepkube/token/token }
            - { name: SETTING_FILE, value: /etc/settings/VERSION }
            - { name: MEMORY, valueFrom: { resourceFieldRef: { resource: limits.memory, divisor: 1Mi } } }
            - { name: POD, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
            - { name: GREETING, value: 'hello $(POD)' }`;

describe('pod of a project image', () => {
  beforeAll(async () => {
    const manifests = webManifests({ replicas: 1, pod, container });
    manifests['web.yaml'] = manifests['web.yaml']!.replace('          env:', `          env:${extraEnvironment}`);
    await cluster.apply(manifests);
    await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
  }, 30_000);

  it('a container process gets the environment of its manifest, of the downward API and of the twin', async () => {
    const { environment } = await getFromLoadBalancer(cluster.host, '/');
    const annotation = 'stepkube\\.dev/loopback-address';
    const shown = `jsonpath={.items[0].metadata.name} {.items[0].metadata.annotations.${annotation}}`;
    const [name, listenAddress] = (await cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', shown)).split(' ');

    expect(environment).toMatchObject({
      VERSION: 'one',
      MEMORY: '128',
      HOST: listenAddress,
      POD: name,
      GREETING: `hello ${name}`,
      FROM_TWIN: 'web',
    });
    expect(environment['TMPDIR']).toContain('/var/lib/kubelet/pods/');
  });

  it('a mount path in the environment leads to the content of the volume', async () => {
    expect(await readFromLoadBalancer(cluster.host, '/file/SETTING_FILE')).toBe('one');
  });

  it('a projected service account token has the issuer, audience and lifetime of the manifest', async () => {
    const token = decodeJwt(await readFromLoadBalancer(cluster.host, '/file/TOKEN_FILE'));

    expect(token).toMatchObject({
      iss: issuerUrl,
      aud: ['sts.amazonaws.com'],
      sub: 'system:serviceaccount:default:default',
    });
    expect(token.exp! - token.iat!).toBe(3600);
  });

  it('a failed liveness probe restarts the container', async () => {
    const before = (await getFromLoadBalancer(cluster.host, '/')).pid;
    await readFromLoadBalancer(cluster.host, '/break');
    const webPod = () => cluster.host.view().pods.find(({ name }) => name.startsWith('web-'));
    await cluster.until(() => webPod()?.restarts === 1 && webPod()?.ready === true);

    expect(await cluster.kubectl('get', 'events')).toContain('Container web failed liveness probe, will be restarted');
    expect((await getFromLoadBalancer(cluster.host, '/')).pid).not.toBe(before);
  });

  it('a container that passes its memory limit is OOMKilled and started again', async () => {
    const before = (await getFromLoadBalancer(cluster.host, '/')).pid;
    await readFromLoadBalancer(cluster.host, '/grow');
    const lastState = 'jsonpath={.items[0].status.containerStatuses[0].lastState.terminated}';
    const isKilled = async () =>
      (await cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', lastState)).includes('OOM');
    await expect.poll(isKilled, { timeout: 20_000 }).toBe(true);
    const killed = JSON.parse(await cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', lastState));
    expect(killed).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
    await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
    expect((await getFromLoadBalancer(cluster.host, '/')).pid).not.toBe(before);
  });
});

describe('pods that cannot run', () => {
  const deployment = (name: string, spec: string) => ({
    'kustomization.yaml': 'resources: [pod.yaml]',
    'pod.yaml': `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec: ${spec}`,
  });

  it('a pod with an image that is not in ECR waits in ImagePullBackOff', async () => {
    const image = '123456789012.dkr.ecr.us-east-1.amazonaws.com/assets:gone';
    await cluster.apply(deployment('unknown', `{ containers: [{ name: main, image: '${image}' }] }`));
    await cluster.until(() =>
      cluster.host.view().pods.some(({ name, reason }) => name === 'unknown' && reason === 'ImagePullBackOff'),
    );

    expect(await cluster.kubectl('describe', 'pod', 'unknown')).toContain(`Failed to pull image "${image}": not found`);
  });

  it('a pod that fits no node is Unschedulable, with a reason per node', async () => {
    await cluster.apply(
      deployment('huge', "{ containers: [{ name: main, image: 'nginx:1', resources: { requests: { cpu: '64' } } }] }"),
    );
    const reason = await cluster.kubectl(
      'wait',
      'pod/huge',
      '--for=jsonpath={.status.conditions[0].reason}=Unschedulable',
      '--timeout=10s',
    );

    expect(reason).toContain('condition met');
    expect(await cluster.kubectl('describe', 'pod', 'huge')).toMatch(
      /0\/2 nodes are available: 1 Insufficient cpu, 1 node\(s\) had untolerated taint {node-role\.kubernetes\.io\/control-plane: }\./,
    );
  });

  it('a pod waits for a missing ConfigMap and starts when it is created', async () => {
    const spec =
      "{ containers: [{ name: main, image: 'nginx:1' }], volumes: [{ name: late, configMap: { name: late } }] }";
    await cluster.apply(deployment('patient', spec));
    await cluster.kubectl('wait', 'pod/patient', '--for=condition=PodScheduled', '--timeout=10s');
    await cluster.apply({
      'kustomization.yaml':
        'configMapGenerator: [{ name: late, literals: [a=b], options: { disableNameSuffixHash: true } }]',
    });

    expect(await cluster.kubectl('wait', 'pod/patient', '--for=condition=Ready', '--timeout=10s')).toContain('met');
    expect(await cluster.kubectl('get', 'pod', 'patient', '-o', 'yaml')).toContain('stepkube.dev/simulated: "true"');
  });
});
