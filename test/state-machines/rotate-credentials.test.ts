import { describe, expect, it } from 'vitest';
import { runsOf } from '#support/machine-runs.ts';
import { childError, failing, lambdaError, repeated, type TaskHandler } from '#support/run-asl.ts';

const instanceId = 'i-0123456789abcdef0';

const runMachine = runsOf('rotate-credentials');

async function rotate(input: object, handlers: Readonly<Record<string, TaskHandler>> = {}) {
  const commands: object[] = [];
  const runCommand: TaskHandler = ({ Input }) => {
    commands.push(Input);
    return {};
  };
  const run = await runMachine(input, {
    FindControlPlane: () => ({ instanceId }),
    RotateJoinToken: runCommand,
    RotateKubeconfigs: runCommand,
    ...handlers,
  });
  return { run, commands };
}

describe('rotate-credentials', () => {
  it.each([
    [{}, 'IssueJoinCredentialsDocument'],
    [{ kind: 'joinToken' }, 'IssueJoinCredentialsDocument'],
    [{ kind: 'kubeconfig' }, 'InitControlPlaneDocument'],
  ])('rotate-credentials with %j runs %s on the control plane', async (input, documentName) => {
    const { run, commands } = await rotate(input);
    expect(run.status).toBe('SUCCEEDED');
    expect(commands).toEqual([{ documentName, instanceId }]);
  });

  it('rotate-credentials with the kind pullSecret fetches a password and then copies it, also while the API server is away for a moment', async () => {
    const { run, commands } = await rotate(
      { kind: 'pullSecret' },
      {
        StorePullSecret: () => ({ expiresAt: '2026-11-26T12:00:00.000Z' }),
        CopyPullSecret: failing([lambdaError('ClusterUnreachableError', 'no answer')], {
          secrets: ['default'],
          accounts: [],
        }),
      },
    );
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      path: ['FindControlPlane', 'ChooseKind', 'StorePullSecret', 'CopyPullSecret'],
      output: { secrets: ['default'], accounts: [] },
    });
    expect(commands).toEqual([]);
  });

  it('rotate-credentials has nothing to do before the cluster is born and while it sleeps', async () => {
    const absent = failing([lambdaError('ControlPlaneAbsentError', 'cluster stepkube has no control plane yet')]);
    const { run, commands } = await rotate({ kind: 'joinToken' }, { FindControlPlane: absent });
    expect(run).toMatchObject({ status: 'SUCCEEDED', path: ['FindControlPlane', 'NothingToRotate'] });
    expect(commands).toEqual([]);
  });

  it('rotate-credentials refuses an unknown kind in one line', async () => {
    const { run } = await rotate({ kind: 'certificates' });
    expect(run).toMatchObject({
      status: 'FAILED',
      error: 'InvalidInputError',
      cause: 'kind "certificates" is not allowed: it must be joinToken, kubeconfig or pullSecret',
    });
  });

  it('rotate-credentials waits for another rotation, and goes on after it', async () => {
    const held = failing(repeated(3, () => lambdaError('LeaseHeldError', 'another rotation')));
    const { run, commands } = await rotate({}, { ReserveControlPlane: held });
    expect(run.status).toBe('SUCCEEDED');
    expect(run.path.slice(-3)).toEqual(['RotateJoinToken', 'ReleaseControlPlane', 'Rotated']);
    expect(commands).toHaveLength(1);
  });

  it('rotate-credentials names the document and the instance when the rotation fails', async () => {
    const cause = `stepkube-issue-join-credentials on ${instanceId} failed with exit code 1: the tail`;
    const failed = failing([childError({ Status: 'FAILED', Error: 'CommandFailed', Cause: cause })]);
    const { run } = await rotate({}, { RotateJoinToken: failed });
    expect(run.error).toBe('RotateJoinTokenFailed');
    expect(run.cause).toContain(
      `${cause} — next: read the full output and remove the cause, then start rotate-credentials again`,
    );
  });
});
