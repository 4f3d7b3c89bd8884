import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '#support/cluster.ts';
import { getFromLoadBalancer, webManifests } from '#support/cluster-web.ts';

let cluster: TestCluster;
/** A service behind a load balancer must go on answering while its endpoint is withdrawn. */
const lingering = 'lifecycle: { preStop: { sleep: { seconds: 1 } } }';

beforeAll(async () => {
  cluster = await startTestCluster({ workers: 2 });
  await cluster.apply(webManifests({ container: lingering }));
  await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
}, 60_000);
afterAll(() => cluster?.stop());

describe('rolling update', () => {
  it('a rolling update fails no request through the load balancer', async () => {
    let updating = true;
    const versions: string[] = [];
    const asking = (async () => {
      while (updating) versions.push((await getFromLoadBalancer(cluster.host, '/')).version);
    })();
    await cluster.apply(webManifests({ container: lingering, version: 'two' }));
    await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
    updating = false;

    await expect(asking).resolves.toBeUndefined();
    expect(versions[0]).toBe('one');
    expect((await getFromLoadBalancer(cluster.host, '/')).version).toBe('two');
  }, 30_000);

  it('a deleted pod gets SIGTERM before SIGKILL', async () => {
    const name = await cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}');
    const log = cluster.kubectl('logs', '--follow', name);
    await cluster.kubectl('delete', 'pod', name);

    expect(await log).toContain('SIGTERM received\n');
  });

  it('a rollout to a crashing version stops, keeps the old pods and reports the termination message', async () => {
    const crashing = `${lingering}\n          terminationMessagePolicy: FallbackToLogsOnError`;
    const manifests = webManifests({ container: crashing, version: 'three' });
    manifests['kustomization.yaml'] = manifests['kustomization.yaml']!.replace(
      'VERSION=three',
      'VERSION=three, CRASH=no weights',
    );
    await cluster.apply(manifests);
    const crashed = () => cluster.host.view().pods.some(({ reason }) => reason === 'CrashLoopBackOff');
    await cluster.until(crashed);
    await expect(cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=1s')).rejects.toThrow('timed out');
    const messages = await cluster.kubectl(
      ...['get', 'pods', '-l', 'app=web', '-o'],
      'jsonpath={.items[*].status.containerStatuses[*].lastState.terminated.message}',
    );

    expect(messages).toContain('cannot start: no weights');
    expect((await getFromLoadBalancer(cluster.host, '/')).version).toBe('two');
  }, 30_000);
});

describe('a terminated instance', () => {
  it('pods of a terminated instance are recreated on the other node, and its node is deleted', async () => {
    await cluster.apply(webManifests({ container: lingering }));
    await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
    const workers = cluster.host.view().nodes.filter(({ role }) => role === 'worker');
    const [lost, left] = workers.map(({ name }) => name);
    await cluster.host.removeInstance(workers[0]!.instanceId);
    await cluster.until(() => cluster.host.view().nodes.every(({ name }) => name !== lost));
    await cluster.kubectl('rollout', 'status', 'deploy/web', '--timeout=20s');
    const nodes = await cluster.kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].spec.nodeName}');

    expect(nodes).toBe(`${left} ${left}`);
  }, 30_000);
});

describe('stopping the cluster host', () => {
  it('stopping the cluster host ends all processes and closes all ports', async () => {
    const target = cluster.host.resolveLoadBalancer(80)!;
    const { pid } = await getFromLoadBalancer(cluster.host, '/');
    await cluster.host.stop();

    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await expect(fetch(`http://${target.host}:${target.port}/`)).rejects.toThrow('fetch failed');
    await expect(cluster.kubectl('get', 'nodes')).rejects.toThrow('was refused');
  });
});
