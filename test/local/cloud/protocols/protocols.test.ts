import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Core, createCore } from '#local/cloud/core.ts';
import type { Operation } from '#local/cloud/operation.ts';
import { type ProtocolServer, startProtocolServer } from '#local/cloud/protocols/server.ts';
import { ServiceError } from '#local/cloud/service-error.ts';
import { createContext, type RunningContext } from '#local/context/context.ts';
import { noInstances } from '#support/no-instances.ts';

let context: RunningContext;
let core: Core;
let server: ProtocolServer;
/** The input of the last operation. */
let input: unknown;
const outputs = new Map<string, () => object>();

const recordInput =
  (name: string): Operation =>
  async (received) => {
    input = received;
    return outputs.get(name)!();
  };

beforeAll(async () => {
  context = await createContext({ scale: 1, faults: [] });
  core = createCore(
    { context, assemblyFolder: '', stackName: 'test', region: 'us-east-1', instances: noInstances },
    { files: [], path: () => '' },
  );
  const serve = (name: string, operation: string) =>
    core.services.set(name, {
      name,
      operations: { ...core.services.get(name)?.operations, [operation]: recordInput(operation) },
    });
  serve('ec2', 'DescribeInstances');
  serve('ec2', 'RunInstances');
  serve('autoscaling', 'DescribeAutoScalingGroups');
  serve('ssm', 'DescribeInstanceInformation');
  server = await startProtocolServer(core);
});

afterAll(async () => {
  await server.stop();
  await context.stop();
});

function options() {
  const credentials = core.credentials.issue({ kind: 'operator' }, 900);
  return { endpoint: core.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
}

describe('ec2Query protocol', () => {
  it('the EC2 protocol reads numbered members as lists and writes lists as items', async () => {
    const launchTime = new Date('2026-01-02T03:04:05.000Z');
    outputs.set('DescribeInstances', () => ({
      reservationSet: [
        { instancesSet: [{ instanceId: 'i-1', launchTime, tagSet: [{ key: 'Name', value: '<a & b>' }] }] },
      ],
    }));
    const { Reservations } = await new EC2Client(options()).send(
      new DescribeInstancesCommand({
        InstanceIds: ['i-1', 'i-2'],
        Filters: [{ Name: 'tag:role', Values: ['a', 'b'] }],
      }),
    );

    expect(input).toEqual({ InstanceId: ['i-1', 'i-2'], Filter: [{ Name: 'tag:role', Value: ['a', 'b'] }] });
    expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
      InstanceId: 'i-1',
      LaunchTime: launchTime,
      Tags: [{ Key: 'Name', Value: '<a & b>' }],
    });
  });

  it('the EC2 protocol reads nested members and writes errors in its own structure', async () => {
    outputs.set('RunInstances', () => {
      throw new ServiceError('InsufficientInstanceCapacity', 'no t3.medium left', 500);
    });
    const run = new RunInstancesCommand({
      MinCount: 1,
      MaxCount: 1,
      LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '$Latest' },
    });

    await expect(new EC2Client(options()).send(run)).rejects.toMatchObject({
      name: 'InsufficientInstanceCapacity',
      message: 'no t3.medium left',
    });
    expect(input).toMatchObject({ MinCount: '1', LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '$Latest' } });
  });
});

describe('awsQuery protocol', () => {
  it('the query protocol reads and writes lists as members', async () => {
    outputs.set('DescribeAutoScalingGroups', () => ({
      AutoScalingGroups: [{ AutoScalingGroupName: 'workers', DesiredCapacity: 2, Instances: [] }],
    }));
    const { AutoScalingGroups } = await new AutoScalingClient(options()).send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['workers'], MaxRecords: 5 }),
    );

    expect(input).toEqual({ AutoScalingGroupNames: ['workers'], MaxRecords: '5' });
    expect(AutoScalingGroups).toMatchObject([{ AutoScalingGroupName: 'workers', DesiredCapacity: 2 }]);
  });

  it('the query protocol writes errors in its own structure', async () => {
    outputs.set('DescribeAutoScalingGroups', () => {
      throw new ServiceError('ValidationError', 'AutoScalingGroup name not found');
    });

    await expect(new AutoScalingClient(options()).send(new DescribeAutoScalingGroupsCommand({}))).rejects.toMatchObject(
      { name: 'ValidationError', message: 'AutoScalingGroup name not found' },
    );
  });
});

describe('awsJson protocol', () => {
  it('the JSON protocol writes timestamps as seconds since 1970', async () => {
    const LastPingDateTime = new Date('2026-01-02T03:04:05.678Z');
    outputs.set('DescribeInstanceInformation', () => ({
      InstanceInformationList: [{ InstanceId: 'i-1', LastPingDateTime }],
    }));
    const { InstanceInformationList } = await new SSMClient(options()).send(
      new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: ['i-1'] }] }),
    );

    expect(input).toEqual({ Filters: [{ Key: 'InstanceIds', Values: ['i-1'] }] });
    expect(InstanceInformationList?.[0]?.LastPingDateTime).toEqual(LastPingDateTime);
  });

  it('an error inside the twin is logged and reaches the client as InternalFailure only', async () => {
    outputs.set('DescribeInstanceInformation', () => {
      throw new TypeError('undefined is not a node');
    });

    await expect(new SSMClient(options()).send(new DescribeInstanceInformationCommand({}))).rejects.toMatchObject({
      name: 'InternalFailure',
      $metadata: { httpStatusCode: 500 },
    });
    expect(readFileSync(context.logFile, 'utf8')).toContain(
      'ssm:DescribeInstanceInformation: TypeError: undefined is not a node',
    );
  });

  it('an operation that is not served is refused with the list of those that are', async () => {
    await expect(core.call('ssm', 'DeleteDocument', {}, null)).rejects.toThrow(
      'the twin does not serve ssm:DeleteDocument (served: DescribeInstanceInformation)',
    );
  });
});

describe('unsigned requests', () => {
  it('an unsigned form goes to STS and gets its error structure', async () => {
    const response = await fetch(core.endpoint, { method: 'POST', body: new URLSearchParams({ Action: 'Nothing' }) });
    const { ErrorResponse } = new XMLParser().parse(await response.text());

    expect(ErrorResponse.Error.Code).toBe('UnknownOperationException');
    expect(response.headers.get('x-amzn-requestid')).toBe(ErrorResponse.RequestId);
  });

  it('GET // is answered as a client error, and the twin goes on', async () => {
    const { hostname, port } = new URL(core.endpoint);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest({ hostname, port, path: '//' });
      request.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
      request.end();
    });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  it('a form cannot set properties on Object.prototype', async () => {
    const form = 'Action=DescribeInstances&__proto__.polluted=1&Filter.1.__proto__.polluted=1';
    await new Promise<void>((resolve, reject) => {
      const credential = core.credentials.issue({ kind: 'operator' }, 900);
      const request = httpRequest(core.endpoint, {
        method: 'POST',
        headers: {
          authorization: `AWS4-HMAC-SHA256 Credential=${credential.accessKeyId}/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0`,
          'x-amz-security-token': credential.sessionToken,
          'content-type': 'application/x-www-form-urlencoded',
        },
      });
      outputs.set('DescribeInstances', () => ({}));
      request.on('response', (response) => response.resume().on('end', resolve)).on('error', reject);
      request.end(form);
    });

    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
