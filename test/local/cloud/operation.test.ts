import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Input, operation } from '#local/cloud/operation.ts';

const describeThing = operation(z.object({ Name: z.string(), Count: z.coerce.number().default(1) }), (input) => input);
const call = (service: string, input: Input) => {
  const caller = { accessKeyId: 'AKIATEST', principal: { kind: 'operator' as const } };
  return describeThing(input, { service, operation: 'DescribeThing', caller });
};

describe('operation', () => {
  it('an operation gets its checked input with defaults and without unknown members', async () => {
    expect(await call('ssm', { Name: 'a', Color: 'red' })).toEqual({ Name: 'a', Count: 1 });
  });

  it.each([
    ['ssm', 'ValidationException', 'ValidationException'],
    ['autoscaling', 'ValidationError', 'ValidationError'],
    ['ec2', 'MissingParameter', 'InvalidParameterValue'],
    ['sqs', 'MissingParameter', 'InvalidParameterValue'],
  ])('%s refuses a missing parameter with %s and an invalid one with %s', async (service, missing, invalid) => {
    await expect(call(service, {})).rejects.toMatchObject({ code: missing, message: /the parameter Name$/ });
    await expect(call(service, { Name: 'a', Count: 'many' })).rejects.toMatchObject({
      code: invalid,
      message: /^Value for parameter Count is invalid/,
    });
  });
});
