import { AutoScalingClient, CreateOrUpdateTagsCommand, DeleteTagsCommand } from '@aws-sdk/client-auto-scaling';
import { describe, expect, it } from 'vitest';
import { deployedAccount } from '#support/deployed-account.ts';

const instance = 'i-0123456789abcdef0';

const account = deployedAccount();
const { stepkube } = account;
const latest = () => account.cloud().view().executions.at(-1)!;

describe('./stepkube drain and rotate', () => {
  it('without --yes they say what they would start with which input, and start nothing', async () => {
    const [drain, rotate] = [await stepkube('drain', instance), await stepkube('rotate', 'kubeconfig')];
    expect(drain.stdout).toContain(`With input   {"instanceId":"${instance}","mode":"drain"}`);
    expect(drain.stdout).toContain(`To start it: ./stepkube drain --yes ${instance}`);
    expect(rotate.stdout).toContain('With input   {"kind":"kubeconfig"}');
    expect(account.cloud().view().executions).toEqual([]);
  });

  it('with --yes they start the machine and show it until it ends', async () => {
    const drain = await stepkube('drain', instance, '--mode', 'restore', '--yes');
    expect(drain).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('The node is back.') });
    expect(latest()).toMatchObject({
      machine: 'stepkube-drain-node',
      input: { instanceId: instance, mode: 'restore' },
    });
    const rotate = await stepkube('rotate', '--yes');
    expect(rotate).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('The credentials are fresh.') });
    expect(latest()).toMatchObject({ machine: 'stepkube-rotate-credentials', input: { kind: 'joinToken' } });
  });

  it.each([
    [['drain', 'worker-1'], 'instance worker-1: must be an EC2 instance id such as i-0123456789abcdef0'],
    [['drain', instance, '--mode', 'cordon', '--terminate'], '--terminate: goes with --mode drain, not cordon'],
    [['rotate', 'token'], 'kind token: must be one of joinToken, kubeconfig, pullSecret'],
    [['scale', 'two'], 'workers two: must be a whole number from 0 to 50'],
    [['scale', '6'], 'workers 6: must be from 1 to 5, the limits of stepkube-workers (workers.min and workers.max)'],
  ])('%j is refused with the argument, the value and what is allowed', async (args, message) => {
    const { exitCode, stderr } = await stepkube(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('./stepkube scale', () => {
  it('without --yes it says from what to what, and changes nothing', async () => {
    const { stdout } = await stepkube('scale', '3');
    expect(stdout).toContain('Would set  stepkube-workers from 1 to 3 workers');
    expect(stdout).toContain('To change it: ./stepkube scale --yes 3');
    expect(account.cloud().view().instances).toHaveLength(1);
  });

  it('with --yes it shows the instances until all of them serve', async () => {
    const { exitCode, stdout } = await stepkube('scale', '3', '--yes');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/3 of 3 workers in service\n$/);
    expect(account.cloud().view().instances).toHaveLength(3);
  });

  it('where the cluster autoscaler scales the group, it says what happens to a capacity set by hand', async () => {
    const tag = { ResourceId: 'stepkube-workers', ResourceType: 'auto-scaling-group', PropagateAtLaunch: false };
    const client = new AutoScalingClient(account.client());
    const Tags = [{ ...tag, Key: 'k8s.io/cluster-autoscaler/enabled', Value: 'true' }];
    expect((await stepkube('scale', '4')).stdout).not.toContain('autoscaler');
    await client.send(new CreateOrUpdateTagsCommand({ Tags }));
    expect((await stepkube('scale', '4')).stdout).toContain('ends workers that nobody has needed for ten minutes');
    await client.send(new DeleteTagsCommand({ Tags }));
  });

  it('--output json says the same for programs', async () => {
    const { stdout } = await stepkube('scale', '2', '--yes', '--output', 'json');
    expect(JSON.parse(stdout)).toEqual({ group: 'stepkube-workers', from: 3, to: 2 });
  });
});
