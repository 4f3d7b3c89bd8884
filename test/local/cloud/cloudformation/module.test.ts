import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCloud, type TestCloud } from '#support/cloud.ts';

let test: TestCloud;
let client: CloudFormationClient;

beforeAll(async () => {
  test = await startTestCloud({ resources: {}, template: { Outputs: { Region: { Value: { Ref: 'AWS::Region' } } } } });
  client = new CloudFormationClient(test.client());
});

afterAll(async () => {
  client.destroy();
  await test.stop();
});

it('DescribeStacks returns the outputs of the stack', async () => {
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'test' }));

  expect(Stacks).toMatchObject([
    { StackStatus: 'CREATE_COMPLETE', Outputs: [{ OutputKey: 'Region', OutputValue: 'us-east-1' }] },
  ]);
});

it('DescribeStacks refuses the name of another stack', async () => {
  await expect(client.send(new DescribeStacksCommand({ StackName: 'other' }))).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'Stack with id other does not exist',
  });
});
