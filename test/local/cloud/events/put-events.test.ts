import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '#support/eventually.ts';
import { createRulesCloud, type RulesCloud, target } from '#support/rules-cloud.ts';

let rules: RulesCloud;

beforeEach(async () => {
  rules = await createRulesCloud();
});

afterEach(() => rules[Symbol.asyncDispose]());

describe('PutEvents', () => {
  it.each([0, 11])('PutEvents refuses %i entries', async (length) => {
    const Entries = Array.from({ length }, () => ({ Source: 'x', DetailType: 'y', Detail: '{}' }));
    await expect(rules.call('PutEvents', { Entries })).rejects.toThrow('between 1 and 10');
  });

  it('PutEvents reaches only the rules of the bus that the entry names', async () => {
    await rules.cloud.create('AWS::Events::EventBus', 'Bus', { Name: 'predictions' });
    const { ref } = await rules.createRule({
      EventBusName: 'predictions',
      EventPattern: { source: ['yolo5'] },
      Targets: [target()],
    });
    expect(ref).toBe('predictions|rule');
    const entry = { Source: 'yolo5', DetailType: 'PredictionCompleted', Detail: '{"n":1}' };
    const output = await rules.call('PutEvents', { Entries: [entry, { ...entry, EventBusName: 'predictions' }] });
    expect(output).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }, {}] });
    await eventually(() => expect(rules.sent()).toMatchObject([{ body: { source: 'yolo5', detail: { n: 1 } } }]));
  });

  it('PutEvents refuses entries of more than 256 KiB together', async () => {
    const Entries = [1, 2].map(() => ({ Source: 'x', DetailType: 'y', Detail: JSON.stringify({ a: 'x'.repeat(131_070) }) })); // biome-ignore format: one line
    await expect(rules.call('PutEvents', { Entries })).rejects.toMatchObject({ code: 'ValidationException' });
  });

  it('PutEvents returns an error for each invalid entry and accepts the others', async () => {
    const { FailedEntryCount, Entries } = await rules.call('PutEvents', {
      Entries: [
        { Source: 'x', DetailType: 'y', Detail: '{' },
        { Source: 'x', DetailType: 'y' },
        { Source: 'x', DetailType: 'y', Detail: '[1]' },
        { Source: 'aws.ec2', DetailType: 'y', Detail: '{}' },
        { Source: 'x', DetailType: 'y', Detail: '{}' },
      ],
    });
    expect(FailedEntryCount).toBe(4);
    expect(Entries.map(({ ErrorCode }: { ErrorCode?: string }) => ErrorCode)).toEqual([
      'MalformedDetail',
      'InvalidArgument',
      'MalformedDetail',
      'NotAuthorizedForSourceException',
      undefined,
    ]);
  });
});
