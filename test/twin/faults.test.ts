import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterEach, describe, expect, it } from 'vitest';
import { clientOptions, type Twin } from '#local/twin.ts';
import { startTestTwin } from '#support/twin.ts';

let twin: Twin | undefined;
afterEach(async () => {
  await twin?.stop();
  twin = undefined;
});

describe('provisioning that fails', () => {
  it('provisioning says that the agent never registered when the control plane never comes online', async () => {
    const progress = await provisionWith('agent-never-online:control-plane');
    expect(progress.failedState).toBe('WaitForAgent');
    expect(progress.end?.failure?.cause).toMatch(/SSM agent of i-[0-9a-f]{17} \(running\) has not registered/);
  });
});

describe('provisioning that goes on', () => {
  it('provisioning succeeds although events are lost or early, one worker stays offline, another fails to join, and a zone is full', async () => {
    const progress = await provisionWith(
      'command-event-lost:install-network',
      'command-event-early:init-control-plane',
      'lifecycle-event-lost:stepkube-launch',
      'agent-never-online:worker',
      'join-fails:worker',
      'no-capacity:us-east-1a',
    );
    expect(progress.end).toMatchObject({ status: 'SUCCEEDED' });

    const { instances, executions } = twin!.cloud.view();
    const controlPlane = instances.find((instance) => instance.role === 'control-plane');
    expect(controlPlane?.availabilityZone).toBe('us-east-1b');
    const workers = instances.filter((instance) => instance.role === 'worker');
    expect(workers.filter((worker) => worker.lifecycleState === 'InService')).toHaveLength(2);
    expect((await terminatedInstances()).length).toBe(2);
    const failed = executions.filter(
      (execution) => execution.machine.endsWith('join-node') && execution.status === 'FAILED',
    );
    expect(failed.map((execution) => execution.states.at(-1)?.name)).toHaveLength(2);
    for (const execution of failed) expect(execution.states.map((state) => state.name)).toContain('AbandonLaunch');
    const told = new Set(twin!.cloud.view().notifications.map(({ subject }) => subject));
    expect(told).toEqual(new Set(['ALARM: "stepkube-join-node-failed" in us-east-1']));
  });
});

async function provisionWith(...faults: string[]) {
  twin = await startTestTwin(faults);
  return twin.follow(await twin.startProvisioning());
}

async function terminatedInstances(): Promise<string[]> {
  const states = { Name: 'instance-state-name', Values: ['shutting-down', 'terminated'] };
  const { Reservations } = await new EC2Client(clientOptions(twin!.cloud)).send(
    new DescribeInstancesCommand({ Filters: [states] }),
  );
  return (Reservations ?? []).flatMap(({ Instances }) => (Instances ?? []).map((instance) => instance.InstanceId!));
}
