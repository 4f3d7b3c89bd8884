/** A running cloud with a small template of the test's own, called by the real SDK clients. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Credentials as StsCredentials } from '@aws-sdk/client-sts';
import { startCloud } from '#local/cloud/cloud.ts';
import type { TemplateSource } from '#local/cloud/template/template.ts';
import { createContext, type RunningContext } from '#local/context/context.ts';
import type { Cloud } from '#local/contracts/cloud.ts';
import type { Credentials } from '#local/contracts/context.ts';
import type { InstanceHost } from '#local/contracts/instance.ts';
import { noInstances } from './no-instances.ts';

export interface TestCloud {
  readonly cloud: Cloud;
  readonly context: RunningContext;
  readonly assemblyFolder: string;
  /** Options for an SDK client. @param credentials @default the operator's */
  client(credentials?: Credentials): ClientOptions;
  /** Credentials of a session with a role of the template, by AssumeRole. */
  assumeRole(roleName: string): Promise<Credentials>;
  stop(): Promise<void>;
}

interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly maxAttempts: number;
}

export interface TestCloudOptions {
  readonly resources: TemplateSource['Resources'];
  readonly template?: Omit<TemplateSource, 'Resources'>;
  /** Content of the asset manifest. */
  readonly assets?: object;
  /** @default instances whose agent never registers */
  readonly instances?: InstanceHost;
  /** @default none */
  readonly faults?: readonly string[];
}

const testStack = 'test';
const testRegion = 'us-east-1';

export async function startTestCloud({
  resources,
  template,
  assets = {},
  instances = noInstances,
  faults = [],
}: TestCloudOptions): Promise<TestCloud> {
  await using starting = new AsyncDisposableStack();
  const assemblyFolder = await mkdtemp(path.join(tmpdir(), 'stepkube-assembly-'));
  starting.defer(() => rm(assemblyFolder, { recursive: true, force: true }));
  const write = (name: string, content: object) => writeFile(path.join(assemblyFolder, name), JSON.stringify(content));
  await write(`${testStack}.template.json`, { ...template, Resources: resources });
  await write(`${testStack}.assets.json`, assets);
  const context = await createContext({ scale: 1000, faults });
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
  const client = (credentials = cloud.operatorCredentials) => ({
    endpoint: cloud.endpoint,
    region: testRegion,
    credentials,
    maxAttempts: 1,
  });
  return {
    cloud,
    context,
    assemblyFolder,
    client,
    async assumeRole(roleName) {
      const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts');
      const sts = new STSClient(client());
      const RoleArn = roleArn(cloud, roleName);
      const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test' }));
      sts.destroy();
      return sessionCredentials(Credentials);
    },
    stop: () => running.disposeAsync(),
  };
}

export function roleArn({ accountId }: Cloud, roleName: string): string {
  return `arn:aws:iam::${accountId}:role/${roleName}`;
}

/** Credentials that STS has returned, as SDK clients take them. */
export function sessionCredentials(credentials: StsCredentials | undefined): Credentials {
  return {
    accessKeyId: credentials!.AccessKeyId!,
    secretAccessKey: credentials!.SecretAccessKey!,
    sessionToken: credentials!.SessionToken!,
    expiration: credentials!.Expiration!,
  };
}

/** A role with one inline policy that every principal of the account may assume. */
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
