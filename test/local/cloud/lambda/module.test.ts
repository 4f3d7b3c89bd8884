import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLambdaModule, type LambdaModule } from '#local/cloud/lambda/module.ts';
import { eventually } from '#support/eventually.ts';
import { createFakeCloud, type FakeCloud } from '#support/fake-cloud.ts';
import { createFunction, writeAssets } from '#support/lambda-functions.ts';

const sources = {
  echo: `export const handler = async (event, context) => ({ event, remaining: context.getRemainingTimeInMillis() > 0,
    name: context.functionName, arn: context.invokedFunctionArn, id: context.awsRequestId });`,
  environment: 'export const handler = async () => ({ ...process.env });',
  pid: 'export const handler = async () => process.pid;',
  logger: 'export const handler = async (event) => console.log(JSON.stringify(event));',
  nothing: 'export const handler = async () => {};',
  overlap: `let release; export const handler = async () => process.pid;`,
  thrower: `class AgentOfflineError extends Error { name = 'AgentOfflineError'; }
    export const handler = async () => { console.log('about to throw'); throw new AgentOfflineError('not yet'); };`,
  rejecter: "export const handler = () => new Promise(() => { Promise.reject(new Error('lost')); });",
  exiter: 'export const handler = async () => process.exit(3);',
  sleeper: 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 60_000));',
  broken: "throw new TypeError('no such region');",
  layered: `import { execFileSync } from 'node:child_process';
    export const handler = async () => execFileSync(process.env.TOOL, { encoding: 'utf8' });`,
};

let cloud: FakeCloud;
let lambda: LambdaModule;
let folder: string;

async function invoke(name: string, event: unknown = {}) {
  const output = await cloud.call('lambda', 'Invoke', { FunctionName: name, Payload: JSON.stringify(event) });
  return { ...output, Payload: JSON.parse(output.Payload) };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lambda-test-'));
  const layer = join(folder, 'layer.zip');
  writeFileSync(layer, zipSync({ 'tools/hello': new TextEncoder().encode('#!/bin/sh\necho hello from the layer\n') }));
  cloud = await createFakeCloud({ assets: { ...writeAssets(folder, sources), 'layer.zip': layer }, scale: 600 });
  lambda = createLambdaModule(cloud.core);
  cloud.add(lambda);
  for (const name of Object.keys(sources)) {
    const extra = {
      sleeper: { Timeout: 1 },
      environment: {
        Environment: {
          Variables: { TABLE: 'commands', RECONCILE_AFTER_SECONDS: '600', DELIVERY_TIMEOUT_SECONDS: '120' },
        },
      },
    }[name];
    if (name !== 'layered') await createFunction(cloud, name, extra);
  }
  const { ref } = await cloud.create('AWS::Lambda::LayerVersion', 'Layer', {
    Content: { S3Bucket: 'assets', S3Key: 'layer.zip' },
  });
  await createFunction(cloud, 'layered', { Layers: [ref], Environment: { Variables: { TOOL: '/opt/tools/hello' } } });
});

afterAll(async () => {
  await cloud.stop();
  rmSync(folder, { recursive: true });
});

describe('Invoke', () => {
  it('Invoke passes event and context to the handler and returns its result', async () => {
    expect(await invoke('echo', { a: 1 })).toMatchObject({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      Payload: {
        event: { a: 1 },
        remaining: true,
        name: 'echo',
        arn: 'arn:aws:lambda:eu-west-1:123456789012:function:echo',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
  });

  it('Invoke returns null for a handler that returns nothing', async () => {
    expect((await invoke('nothing')).Payload).toBeNull();
  });

  it('a function keeps its execution environment between invocations and gets another one while it is busy', async () => {
    const first = (await invoke('pid')).Payload;
    expect((await invoke('pid')).Payload).toBe(first);
    const [one, other] = await Promise.all([invoke('overlap'), invoke('overlap')]);
    expect(one.Payload).not.toBe(other.Payload);
  });

  it('Invoke returns a thrown error by its name, and what the function prints is in its log', async () => {
    const { FunctionError, Payload } = await invoke('thrower');
    expect(FunctionError).toBe('Unhandled');
    expect(Payload).toMatchObject({ errorType: 'AgentOfflineError', errorMessage: 'not yet' });
    expect(Payload.trace[0]).toContain('not yet');
    expect(readFileSync(join(cloud.context.root, 'logs/lambda/thrower.log'), 'utf8')).toContain('about to throw');
  });

  it.each([
    ['sleeper', 'Sandbox.Timedout', /Task timed out after 1\.00 seconds/],
    ['exiter', 'Runtime.ExitError', /exit status 3/],
    ['rejecter', 'Runtime.UnhandledPromiseRejection', /lost/],
    ['broken', 'TypeError', /no such region/],
  ])('Invoke of the function %s returns the error type %s', async (name, errorType, errorMessage) => {
    const { FunctionError, Payload } = await invoke(name);
    expect(FunctionError).toBe('Unhandled');
    expect(Payload).toMatchObject({ errorType, errorMessage: expect.stringMatching(errorMessage) });
  });

  it('Invoke refuses a function that is not in the template', async () => {
    await expect(invoke('absent')).rejects.toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
  });
});

describe('environment variables of a function', () => {
  it("a function has the template's and the runtime's environment variables and none of the twin's own", async () => {
    const env = (await invoke('environment')).Payload;
    expect(env).toMatchObject({
      TABLE: 'commands',
      AWS_ACCESS_KEY_ID: 'ASIAenvironment',
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: cloud.core.endpoint,
      AWS_LAMBDA_FUNCTION_NAME: 'environment',
      LAMBDA_TASK_ROOT: join(folder, 'environment'),
      TMPDIR: expect.stringContaining(cloud.context.root),
    });
    expect(Object.keys(env)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(npm_|VITEST|HOME$|NODE_)/)]));
  });

  it('environment variables with a duration in seconds are scaled', async () => {
    const { Payload } = await invoke('environment');
    expect([Payload.RECONCILE_AFTER_SECONDS, Payload.DELIVERY_TIMEOUT_SECONDS]).toEqual(['1', '120']);
  });

  it('environment variables with a path under /opt point into the unpacked layer', async () => {
    expect((await invoke('layered')).Payload).toBe('hello from the layer\n');
  });
});

describe('invocations by AWS services', () => {
  const functionArn = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:${name}`;
  const rule = 'arn:aws:events:eu-west-1:123456789012:rule/finish';
  const invokeBy = (name: string, principal: string, sourceArn: string) =>
    lambda.invokeForService({ functionArn: functionArn(name), principal, sourceArn, payload: '{"by":"rule"}' });

  beforeAll(() =>
    cloud.create('AWS::Lambda::Permission', 'Allow', {
      FunctionName: functionArn('logger'),
      Principal: 'events.amazonaws.com',
      SourceArn: rule,
    }),
  );

  it('an AWS service invokes a function that AWS::Lambda::Permission allows it to', async () => {
    await invokeBy('logger', 'events.amazonaws.com', rule).firstAttempt;
    expect(readFileSync(join(cloud.context.root, 'logs/lambda/logger.log'), 'utf8')).toContain('{"by":"rule"}');
  });

  it.each([
    ['logger', 'events.amazonaws.com', `${rule}-other`],
    ['logger', 's3.amazonaws.com', rule],
    ['echo', 'events.amazonaws.com', rule],
  ])('an invocation of %s by %s for %s is refused without a permission', (name, principal, sourceArn) => {
    expect(() => invokeBy(name, principal, sourceArn)).toThrow(/is not authorized to perform lambda:InvokeFunction/);
  });

  it('an asynchronous invocation that fails is retried twice, then sent to the failure destination', async () => {
    cloud.stub('sqs', 'SendMessage', async () => ({}));
    await cloud.create('AWS::Lambda::EventInvokeConfig', 'Config', {
      FunctionName: 'thrower',
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:eu-west-1:123456789012:failures' } },
    });
    await cloud.call('lambda', 'Invoke', { FunctionName: 'thrower', InvocationType: 'Event', Payload: '{"n":1}' });
    const record = await eventually(() => {
      const sent = cloud.calls.find(({ operation }) => operation === 'SendMessage');
      expect(sent?.input).toMatchObject({ QueueUrl: expect.stringMatching(/\/failures$/) });
      return JSON.parse(String(sent?.input['MessageBody']));
    }, 15_000);
    expect(record).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      requestPayload: { n: 1 },
      responsePayload: { errorType: 'AgentOfflineError' },
    });
  });

  it('an asynchronous invocation that succeeds is sent to the event bus of its configuration, with what it returned', async () => {
    cloud.stub('events', 'PutEvents', async () => ({ FailedEntryCount: 0 }));
    await cloud.create('AWS::Lambda::EventInvokeConfig', 'SuccessConfig', {
      FunctionName: 'echo',
      DestinationConfig: { OnSuccess: { Destination: 'arn:aws:events:eu-west-1:123456789012:event-bus/default' } },
    });
    await cloud.call('lambda', 'Invoke', { FunctionName: 'echo', InvocationType: 'Event', Payload: '{"n":1}' });
    const [entry] = await eventually(() => {
      const sent = cloud.calls.find(({ operation }) => operation === 'PutEvents');
      expect(sent).toBeDefined();
      return sent?.input['Entries'] as { Source: string; Resources: string[]; Detail: string }[];
    }, 15_000);
    expect(entry).toMatchObject({
      Source: 'lambda',
      Resources: [expect.any(String), expect.stringMatching(/:echo:\$LATEST$/)],
    });
    expect(JSON.parse(entry!.Detail)).toMatchObject({
      requestContext: { condition: 'Success' },
      requestPayload: { n: 1 },
    });
  });
});
