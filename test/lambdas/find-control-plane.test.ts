import { afterEach, describe, expect, it, vi } from 'vitest';
import { answerAws } from '#support/aws-answers.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const instance = (state: string, id = 'i-0123456789abcdef0') => ({ InstanceId: id, State: { Name: state } });

async function find(...instances: object[]): Promise<unknown> {
  answerAws({ DescribeInstances: { Reservations: [{ Instances: instances }] } });
  const handler = await loadHandler('find-control-plane', { CLUSTER_NAME: 'stepkube' });
  return handler({}, lambdaContext());
}

describe('find-control-plane', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it('find-control-plane returns the running instance', async () => {
    expect(await find(instance('running'))).toEqual({ instanceId: 'i-0123456789abcdef0' });
  });

  it.each([
    ['there is none', [], 'has no control plane yet'],
    ['it is stopped', [instance('stopped')], 'is stopped'],
    ['it is starting', [instance('pending')], 'is pending'],
  ])('find-control-plane throws ControlPlaneAbsentError when %s', async (_why, instances, message) => {
    const error = await errorOf(find(...instances));
    expect([error.name, error.message]).toEqual(['ControlPlaneAbsentError', expect.stringContaining(message)]);
  });

  it('find-control-plane names all instances that carry the tags', async () => {
    const error = await errorOf(find(instance('running', 'i-1'), instance('running', 'i-2')));
    expect([error.name, error.message]).toEqual(['ControlPlaneAmbiguousError', expect.stringMatching(/i-1, i-2/)]);
  });
});
