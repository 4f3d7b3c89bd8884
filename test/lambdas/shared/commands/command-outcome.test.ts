import type { GetCommandInvocationCommandOutput } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { outcomeOf } from '#lambdas/shared/commands/command-outcome.ts';

const invocation = (values: Partial<GetCommandInvocationCommandOutput>) =>
  ({
    CommandId: 'c',
    InstanceId: 'i-0123456789abcdef0',
    DocumentName: 'stepkube-x',
    ResponseCode: 1,
    ...values,
  }) as GetCommandInvocationCommandOutput;
const errorOf = (values: Partial<GetCommandInvocationCommandOutput>) => {
  const outcome = outcomeOf(invocation(values), '/stepkube/commands');
  if (outcome?.kind !== 'failed') throw new Error('the command did not fail');
  return outcome.error;
};

describe('outcomeOf', () => {
  it.each(['Pending', 'InProgress', 'Delayed', 'Cancelling'] as const)(
    'outcomeOf returns nothing for the status %s',
    (Status) => {
      expect(outcomeOf(invocation({ Status }), '/stepkube/commands')).toBeUndefined();
    },
  );

  it.each([
    ['Failed', 'Failed', 'CommandFailedError'],
    ['Failed', 'Undeliverable', 'CommandUndeliverableError'],
    ['Failed', 'InvalidPlatform', 'CommandUndeliverableError'],
    ['TimedOut', 'DeliveryTimedOut', 'CommandUndeliverableError'],
    ['TimedOut', 'Delivery Timed Out', 'CommandUndeliverableError'],
    ['TimedOut', 'ExecutionTimedOut', 'CommandTimedOutError'],
    ['TimedOut', 'TimedOut', 'CommandTimedOutError'],
    ['Cancelled', 'Cancelled', 'CommandCancelledError'],
    ['Failed', 'Terminated', 'CommandCancelledError'],
  ] as const)('outcomeOf turns status %s with details %s into %s', (Status, StatusDetails, name) => {
    const error = errorOf({ Status, StatusDetails });
    expect(error.name).toBe(name);
    expect(error.message).toContain('stepkube-x on i-0123456789abcdef0');
  });

  it('outcomeOf quotes the last lines of stderr and says where the full output is', () => {
    const lines = Array.from({ length: 100 }, (_value, index) => `line ${index}`);
    const { message } = errorOf({ Status: 'Failed', StandardErrorContent: lines.join('\n') });
    expect(message).toContain('line 99 — full output: CloudWatch log group /stepkube/commands, streams c/i-');
    expect(message).not.toContain('line 80');
  });

  it('outcomeOf quotes stdout if stderr is empty, and says if both are', () => {
    expect(errorOf({ Status: 'Failed', StandardOutputContent: 'only this' }).message).toContain('only this');
    expect(errorOf({ Status: 'Failed' }).message).toContain('it printed nothing');
  });

  it('outcomeOf says if SSM has cut the output, and stays short', () => {
    const { message } = errorOf({ Status: 'Failed', StandardErrorContent: 'x'.repeat(8_000) });
    expect(message).toContain('cut by SSM');
    expect(message.length).toBeLessThan(2_300);
  });
});
