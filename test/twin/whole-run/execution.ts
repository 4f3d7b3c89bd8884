import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { workloadNames } from '#infra/lib/workload-names.ts';
import type { ExecutionView } from '#local/contracts/views.ts';
import { clientOptions, type Twin } from '#local/twin.ts';
import { secretNames } from './secret-names.ts';
import type { WholeRun } from './whole-run.ts';

/** What provision-cluster makes of an empty account. */
export function describeFirstExecution(run: WholeRun): void {
  describe('the first execution', () => {
    it('the first execution succeeds with every node and pod ready', async () => {
      const [{ arn }] = run.twin.cloud.view().executions.filter(isProvisioning) as [ExecutionView];
      expect((await run.twin.follow(arn)).end).toMatchObject({ status: 'SUCCEEDED' });
      const { nodes, pods } = run.twin.cluster.view();
      expect(nodes.map((node) => [node.role, node.ready]).sort()).toEqual([
        ['control-plane', true],
        ['worker', true],
        ['worker', true],
      ]);
      // What the autoscaler adds because starting took much CPU is nothing that the execution waits for.
      expect(pods.filter((pod) => !pod.ready && !pod.name.startsWith('yolo5-'))).toEqual([]);
      expect(pods.filter((pod) => pod.ready && pod.name.startsWith('yolo5-')).length).toBeGreaterThanOrEqual(2);
      expect(new Set(pods.filter((pod) => pod.real).map((pod) => pod.name.split('-').slice(0, -2).join('-')))).toEqual(
        new Set(workloadNames),
      );
    });

    it('the first execution prepares the control plane and the workers at the same time', async () => {
      const { executions } = run.twin.cloud.view();
      const joins = executions.filter((execution) => execution.machine.endsWith('join-node'));
      const provisioning = executions.find(isProvisioning)!;
      const credentials = provisioning.states.find((state) => state.name === 'IssueJoinCredentials')!;
      expect(joins).toHaveLength(2);
      for (const join of joins) expect(Date.parse(join.startedAt)).toBeLessThan(Date.parse(credentials.enteredAt));
    });
  });
}

/** What provision-cluster makes of a healthy cluster. */
export function describeSecondExecution(run: WholeRun): void {
  describe('a second execution', () => {
    it('a second execution on the healthy cluster finds every step done and changes nothing', async () => {
      const before = await fingerprint(run.twin);
      const { end } = await run.twin.follow(await run.twin.startProvisioning());
      expect(end).toMatchObject({ status: 'SUCCEEDED' });
      expect(await fingerprint(run.twin)).toEqual(before);
    });
  });
}

const isProvisioning = ({ machine }: ExecutionView) => machine.endsWith('provision-cluster');

/** What a needless change would touch: instances, pods and the versions of the secrets. */
async function fingerprint(twin: Twin): Promise<object> {
  const client = new SecretsManagerClient(clientOptions(twin.cloud));
  const versions = await Promise.all(
    secretNames.map(async (SecretId) => (await client.send(new GetSecretValueCommand({ SecretId }))).VersionId),
  );
  const { instances } = twin.cloud.view();
  const { nodes, pods } = twin.cluster.view();
  return {
    versions,
    instances: instances.map((i) => [i.instanceId, i.state]),
    nodes,
    // How many pods yolo5 has is its autoscaler's business: of them only the template counts.
    pods: [...new Set(pods.map((pod) => `${pod.name.replace(/^(yolo5-\w+)-\w+$/, '$1')} ${pod.restarts}`))].sort(),
  };
}
