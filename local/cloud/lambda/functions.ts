/** AWS::Lambda::Function, LayerVersion, Permission and EventInvokeConfig as the template declares them. */
import { createHash } from 'node:crypto';
import type { CloudCore, ResourceProvider, TemplateResource } from '../service.ts';

export interface LambdaFunction {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** Folder that AWS would unpack to LAMBDA_TASK_ROOT. */
  readonly codeFolder: string;
  /** e.g. 'index.handler' */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly layerArns: readonly string[];
}

/** Who else than IAM principals of the account may invoke a function. */
export interface InvokePermission {
  readonly functionName: string;
  readonly principal: string;
  readonly sourceArn: string | undefined;
}

export interface AsyncInvokeConfig {
  readonly maximumRetryAttempts: number;
  readonly onFailureArn: string | undefined;
}

export interface FunctionStore {
  readonly functions: Map<string, LambdaFunction>;
  /** Layer version ARN -> zip of the cloud assembly. */
  readonly layers: Map<string, string>;
  readonly permissions: InvokePermission[];
  readonly asyncConfigs: Map<string, AsyncInvokeConfig>;
}

const nodeRuntime = /^nodejs24\.x$/;

export function createFunctionStore(): FunctionStore {
  return { functions: new Map(), layers: new Map(), permissions: [], asyncConfigs: new Map() };
}

/** A function by name, ARN or qualified ARN ('...:function:name:$LATEST'). */
export function findFunction(store: FunctionStore, nameOrArn: string): LambdaFunction | undefined {
  const name = nameOrArn.startsWith('arn:') ? nameOrArn.split(':')[6] : nameOrArn.split(':')[0];
  return name === undefined ? undefined : store.functions.get(name);
}

export function functionProviders(core: CloudCore, store: FunctionStore): readonly ResourceProvider[] {
  return [
    { type: 'AWS::Lambda::Function', create: (resource) => createFunction(core, store, resource) },
    { type: 'AWS::Lambda::LayerVersion', create: (resource) => createLayer(core, store, resource) },
    { type: 'AWS::Lambda::Permission', create: (resource) => createPermission(store, resource) },
    { type: 'AWS::Lambda::EventInvokeConfig', create: (resource) => createAsyncConfig(store, resource) },
  ];
}

function createFunction(core: CloudCore, store: FunctionStore, { logicalId, properties }: TemplateResource) {
  if (!nodeRuntime.test(properties.Runtime)) {
    throw new Error(`${logicalId}.Runtime: ${properties.Runtime} cannot run here, only nodejs24.x`);
  }
  if (properties.Code?.S3Key === undefined) throw new Error(`${logicalId}.Code: only an S3 asset can run here`);
  const name: string = properties.FunctionName ?? physicalName(logicalId);
  const arn = `arn:aws:lambda:${core.region}:${core.accountId}:function:${name}`;
  store.functions.set(name, {
    name,
    arn,
    roleArn: properties.Role,
    codeFolder: core.assetPath(properties.Code.S3Bucket, properties.Code.S3Key),
    handler: properties.Handler,
    environment: properties.Environment?.Variables ?? {},
    timeoutSeconds: Number(properties.Timeout ?? 3),
    memoryMegabytes: Number(properties.MemorySize ?? 128),
    layerArns: properties.Layers ?? [],
  });
  return { ref: name, attributes: { Arn: arn } };
}

function createLayer(core: CloudCore, store: FunctionStore, { logicalId, properties }: TemplateResource) {
  const name = properties.LayerName ?? physicalName(logicalId);
  const arn = `arn:aws:lambda:${core.region}:${core.accountId}:layer:${name}:1`;
  store.layers.set(arn, core.assetPath(properties.Content.S3Bucket, properties.Content.S3Key));
  return { ref: arn, attributes: { LayerVersionArn: arn } };
}

function createPermission(store: FunctionStore, { logicalId, properties }: TemplateResource) {
  const name = findFunction(store, properties.FunctionName)?.name ?? properties.FunctionName;
  store.permissions.push({ functionName: name, principal: properties.Principal, sourceArn: properties.SourceArn });
  return { ref: logicalId };
}

function createAsyncConfig(store: FunctionStore, { logicalId, properties }: TemplateResource) {
  const name = findFunction(store, properties.FunctionName)?.name ?? properties.FunctionName;
  store.asyncConfigs.set(name, {
    maximumRetryAttempts: Number(properties.MaximumRetryAttempts ?? 2),
    onFailureArn: properties.DestinationConfig?.OnFailure?.Destination,
  });
  return { ref: logicalId };
}

/** CloudFormation's own names end in random characters; here they must only be unique in the stack. */
function physicalName(logicalId: string): string {
  return `${logicalId}-${createHash('sha256').update(logicalId).digest('hex').slice(0, 12)}`;
}
