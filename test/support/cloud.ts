/** A running cloud with a small template of the test's own, spoken to by the real SDK clients. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startCloud } from '#local/cloud/cloud.ts';
import type { Template } from '#local/cloud/template/template.ts';
import { createContext, type RunningContext } from '#local/context/context.ts';
import type { Cloud } from '#local/contracts/cloud.ts';
import type { Credentials } from '#local/contracts/context.ts';
import type { InstanceHost } from '#local/contracts/instance.ts';

export interface TestCloud {
  readonly cloud: Cloud;
  readonly context: RunningContext;
  readonly assemblyFolder: string;
  /** Options for an SDK client; as the operator unless credentials are given. */
  client(credentials?: Credentials): ClientOptions;
  stop(): Promise<void>;
}

interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly maxAttempts: number;
}

export interface TestCloudOptions {
  readonly resources: Template['Resources'];
  readonly template?: Omit<Template, 'Resources'>;
  /** Content of the asset manifest. */
  readonly assets?: object;
  /** @default instances whose agent never registers */
  readonly instances?: InstanceHost;
}

const noInstances: InstanceHost = {
  boot: () => ({ agentOnline: new Promise(() => {}) }),
  run: () => Promise.reject(new Error('no instance runs here')),
  terminate: async () => {},
  stop: async () => {},
};

const testStack = 'test';
const testRegion = 'us-east-1';

export async function startTestCloud({
  resources,
  template,
  assets = {},
  instances = noInstances,
}: TestCloudOptions): Promise<TestCloud> {
  await using starting = new AsyncDisposableStack();
  const assemblyFolder = await mkdtemp(path.join(tmpdir(), 'stepkube-assembly-'));
  starting.defer(() => rm(assemblyFolder, { recursive: true, force: true }));
  const write = (name: string, content: object) => writeFile(path.join(assemblyFolder, name), JSON.stringify(content));
  await write(`${testStack}.template.json`, { ...template, Resources: resources });
  await write(`${testStack}.assets.json`, assets);
  const context = await createContext({ scale: 1000, faults: [] });
  starting.defer(() => context.stop());
  const cloud = await startCloud({
    context,
    assemblyFolder,
    stackName: testStack,
    region: testRegion,
    instances,
  });
  starting.defer(() => cloud.stop());
  const running = starting.move();
  return {
    cloud,
    context,
    assemblyFolder,
    client: (credentials = cloud.operatorCredentials) => ({
      endpoint: cloud.endpoint,
      region: testRegion,
      credentials,
      maxAttempts: 1,
    }),
    stop: () => running.disposeAsync(),
  };
}

/** A role that anyone of the account may assume, with one inline policy. */
export function roleResource(roleName: string, statements: readonly object[]) {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: roleName,
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root' } },
            Action: 'sts:AssumeRole',
          },
        ],
      },
      Policies: [{ PolicyName: 'inline', PolicyDocument: { Statement: statements } }],
    },
  };
}
