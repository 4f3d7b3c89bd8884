import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { provisionClusterOutput } from '#lambdas/shared/contracts.ts';
import { answerAws } from '#support/aws-answers.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';
import { kubeconfig, plantedToken } from '#support/nodes-api.ts';
import { type KubectlAnswer, type ScriptedKubectl, writeScriptedKubectl } from '#support/scripted-kubectl.ts';

const deployment = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'stepkube' },
  spec: { selector: { matchLabels: { 'app.kubernetes.io/name': name } } },
});
const service = (ingress?: object[]) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'polybot', namespace: 'stepkube' },
  spec: { type: 'LoadBalancer' },
  status: { loadBalancer: ingress === undefined ? {} : { ingress } },
});
const list = (...items: object[]) => ({ kind: 'List', items });
const healthy = {
  apply: { stdout: list(service(), deployment('polybot'), deployment('yolo5')) },
  'wait service/polybot': { stdout: service([{ hostname: 'bot.elb.us-east-1.amazonaws.com' }]) },
};
const podOf = (name: string, state: object) => ({
  metadata: { name },
  status: { phase: 'Running', containerStatuses: [{ name: 'main', ready: false, restartCount: 0, state }] },
});

let kubectl: ScriptedKubectl;
let taskRoot: string;

beforeEach(() => {
  taskRoot = mkdtempSync(join(tmpdir(), 'task-root-'));
  mkdirSync(join(taskRoot, 'manifests'));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  kubectl.remove();
  rmSync(taskRoot, { recursive: true });
});

async function apply(answers: Readonly<Record<string, KubectlAnswer>>, timeoutSeconds = 60) {
  kubectl = writeScriptedKubectl(answers);
  answerAws({ GetSecretValue: { SecretString: kubeconfig('https://10.0.0.10:6443') } });
  const handler = await loadHandler('apply-workloads', {
    KUBECONFIG_SECRET_ID: 'stepkube/kubeconfig/deployer',
    KUBECTL: kubectl.program,
    LAMBDA_TASK_ROOT: taskRoot,
    BOT_DOMAIN: 'bot.example.com',
  });
  const images = { polybot: 'registry/assets:abc', yolo5: 'registry/assets:def' };
  const parameters = { polybot: { AWS_REGION: 'us-east-1' }, yolo5: { AWS_REGION: 'us-east-1' } };
  const networks = {
    nodes: '10.0.0.0/16',
    pods: '10.244.0.0/16',
    services: '10.96.0.0/12',
    endpoints: ['10.0.128.0/18'],
  };
  return handler({ images, parameters, networks }, lambdaContext(timeoutSeconds));
}

describe('apply-workloads', () => {
  it('apply-workloads applies server-side, waits for each workload and returns the endpoints', async () => {
    const output = provisionClusterOutput.parse(await apply(healthy));
    expect(output).toEqual({
      workloads: [
        { kind: 'Deployment', namespace: 'stepkube', name: 'polybot' },
        { kind: 'Deployment', namespace: 'stepkube', name: 'yolo5' },
      ],
      endpoints: { bot: 'https://bot.example.com/telegram', loadBalancer: 'bot.elb.us-east-1.amazonaws.com' },
    });
    const calls = kubectl.calls().map(({ args }) => args);
    expect(calls).toHaveLength(4);
    expect(calls).toContainEqual(
      expect.stringMatching(/^apply --server-side --force-conflicts --field-manager=stepkube --output=json -k \S+$/),
    );
    for (const name of ['polybot', 'yolo5']) {
      expect(calls).toContainEqual(
        expect.stringMatching(new RegExp(`^rollout status deployment/${name} --namespace=stepkube --timeout=\\d+s$`)),
      );
    }
    // The cloud names the load balancer some time after it was applied.
    expect(calls).toContainEqual(
      expect.stringMatching(
        /^wait service\/polybot --namespace=stepkube --for=jsonpath=\{\.status\.loadBalancer\.ingress\} --timeout=\d+s --output=json$/,
      ),
    );
  });

  it('apply-workloads returns no load balancer if there is none or if it has no address in time', async () => {
    const endpoints = { bot: 'https://bot.example.com/telegram' };
    const withoutService = { apply: { stdout: list(deployment('polybot')) } };
    expect(provisionClusterOutput.parse(await apply(withoutService)).endpoints).toEqual(endpoints);
    kubectl.remove();
    const late = { ...healthy, 'wait service/polybot': { stderr: 'error: timed out waiting', exitCode: 1 } };
    expect(provisionClusterOutput.parse(await apply(late)).endpoints).toEqual(endpoints);
  });

  it("apply-workloads reserves time to inspect the pods before the function's own timeout", async () => {
    await apply(healthy, 60);
    const timeouts = kubectl.calls().flatMap(({ args }) => args.match(/--timeout=(\d+)s/)?.[1] ?? []);
    for (const seconds of timeouts) expect(Number(seconds)).toBeLessThan(40);
  });

  it('apply-workloads runs kubectl with a private kubeconfig and without its own credentials, and removes the file', async () => {
    await apply(healthy);
    for (const call of kubectl.calls()) {
      expect(call.mode).toBe('600');
      expect(call.text).toContain(plantedToken);
      expect(call.args).not.toContain(plantedToken);
      expect(call.environment.filter((line) => line.startsWith('AWS_'))).toEqual([]);
      expect(existsSync(call.kubeconfig)).toBe(false);
    }
  });

  it("apply-workloads names every workload that does not roll out with its pods' reasons, and removes the kubeconfig", async () => {
    const waiting = { waiting: { reason: 'ImagePullBackOff', message: 'not found: registry/assets:abc' } };
    const error = await errorOf(
      apply({
        ...healthy,
        'rollout status': { stderr: 'Waiting\nerror: timed out waiting for the condition', exitCode: 1 },
        'get pods --namespace=stepkube --selector=app.kubernetes.io/name=polybot': {
          stdout: { items: [podOf('polybot-1', waiting)] },
        },
        'get pods': { stdout: { items: [] } },
      }),
    );
    expect(error.name).toBe('RolloutFailedError');
    expect(error.message.split('\n')).toEqual([
      'deployment/polybot in stepkube did not roll out: error: timed out waiting for the condition',
      '  polybot-1: container main: ImagePullBackOff, not found: registry/assets:abc',
      'deployment/yolo5 in stepkube did not roll out: error: timed out waiting for the condition',
      '  it has no pods',
    ]);
    expect(kubectl.calls().filter(({ kubeconfig: file }) => existsSync(file))).toEqual([]);
  });

  it('apply-workloads throws ApplyFailedError with the reason if the API server rejects a manifest', async () => {
    const stderr = 'Error from server: admission webhook denied the request: no limits';
    const error = await errorOf(apply({ apply: { stderr, exitCode: 1 } }));
    expect(error.name).toBe('ApplyFailedError');
    expect(error.message).toContain(stderr);
  });

  it.each([
    'Unable to connect to the server: dial tcp 10.0.0.10:6443: i/o timeout',
    'The connection to the server 10.0.0.10:6443 was refused - did you specify the right host or port?',
    'error: You must be logged in to the server (Unauthorized)',
  ])('apply-workloads throws ClusterUnreachableError if kubectl prints: %s', async (stderr) => {
    const error = await errorOf(apply({ apply: { stderr, exitCode: 1 } }));
    expect(error.name).toBe('ClusterUnreachableError');
    expect(error.message).toContain('https://10.0.0.10:6443');
  });
});
