/** AWS::Lambda::Function, LayerVersion, Permission and EventInvokeConfig as the template declares them. */
import { z } from 'zod';
import { arnOf, parseArn } from '../arns.ts';
import { physicalName } from '../physical-name.ts';
import { provider, type ResourceProvider, templateNumber } from '../resource.ts';
import type { CloudCore } from '../service.ts';

export interface LambdaFunction {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** The folder that LAMBDA_TASK_ROOT points to. */
  readonly codeFolder: string;
  /** e.g. 'index.handler' */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly layerArns: readonly string[];
}

/** A statement of a function's resource-based policy. */
export interface InvokePermission {
  readonly functionName: string;
  readonly principal: string;
  /** ARN pattern; undefined: any source. */
  readonly sourceArn: string | undefined;
}

export interface AsyncInvokeConfig {
  readonly maxRetryAttempts: number;
  /** ARN of the queue that failed invocations are sent to. */
  readonly onFailureArn: string | undefined;
  /** ARN of the event bus that successful invocations are sent to. */
  readonly onSuccessArn: string | undefined;
}

export interface FunctionStore {
  /** By function name. */
  readonly functions: Map<string, LambdaFunction>;
  /** Layer version ARN -> zip file of the cloud assembly. */
  readonly layers: Map<string, string>;
  readonly permissions: InvokePermission[];
  /** By function name. */
  readonly asyncConfigs: Map<string, AsyncInvokeConfig>;
}

const onlyAssets = 'only code that is an S3 asset can run here';
const assetLocation = z.object({ S3Bucket: z.string(onlyAssets), S3Key: z.string(onlyAssets) });

const functionProperties = z.object({
  FunctionName: z.string().optional(),
  Runtime: z.literal('nodejs24.x', { error: 'only nodejs24.x can run here' }),
  Code: assetLocation,
  Handler: z.string(),
  Role: z.string(),
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()).default({}) }).default({ Variables: {} }),
  Timeout: templateNumber.default(3),
  MemorySize: templateNumber.default(128),
  Layers: z.array(z.string()).default([]),
});
const layerProperties = z.object({ LayerName: z.string().optional(), Content: assetLocation });
const permissionProperties = z.object({
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
});
const asyncConfigProperties = z.object({
  FunctionName: z.string(),
  MaximumRetryAttempts: templateNumber.default(2),
  DestinationConfig: z
    .object({
      OnFailure: z.object({ Destination: z.string() }).optional(),
      OnSuccess: z
        .object({
          Destination: z
            .string()
            .regex(/^arn:aws:events:.*:event-bus\//, 'only an event bus can be a destination here'),
        })
        .optional(),
    })
    .default({}),
});

export function createFunctionStore(): FunctionStore {
  return { functions: new Map(), layers: new Map(), permissions: [], asyncConfigs: new Map() };
}

export function findFunction(store: FunctionStore, nameOrArn: string): LambdaFunction | undefined {
  return store.functions.get(functionNameOf(nameOrArn));
}

/** The name in a function's name, ARN or qualified ARN ('arn:...:function:name:$LATEST'). */
function functionNameOf(nameOrArn: string): string {
  const name = nameOrArn.startsWith('arn:') ? parseArn(nameOrArn).resource.replace(/^function:/, '') : nameOrArn;
  return name.split(':')[0]!;
}

export function functionProviders(core: CloudCore, store: FunctionStore): readonly ResourceProvider[] {
  const { stackName } = core.options;
  return [
    provider('AWS::Lambda::Function', functionProperties, ({ logicalId, properties }) => {
      const name = properties.FunctionName ?? physicalName(stackName, logicalId);
      const arn = arnOf(core, 'lambda', `function:${name}`);
      store.functions.set(name, {
        name,
        arn,
        roleArn: properties.Role,
        codeFolder: core.assetPath(properties.Code.S3Bucket, properties.Code.S3Key),
        handler: properties.Handler,
        environment: properties.Environment.Variables,
        timeoutSeconds: properties.Timeout,
        memoryMegabytes: properties.MemorySize,
        layerArns: properties.Layers,
      });
      return { ref: name, attributes: { Arn: arn } };
    }),

    provider('AWS::Lambda::LayerVersion', layerProperties, ({ logicalId, properties: { LayerName, Content } }) => {
      const arn = arnOf(core, 'lambda', `layer:${LayerName ?? physicalName(stackName, logicalId)}:1`);
      store.layers.set(arn, core.assetPath(Content.S3Bucket, Content.S3Key));
      return { ref: arn, attributes: { LayerVersionArn: arn } };
    }),

    provider('AWS::Lambda::Permission', permissionProperties, ({ logicalId, properties }) => {
      store.permissions.push({
        functionName: functionNameOf(properties.FunctionName),
        principal: properties.Principal,
        sourceArn: properties.SourceArn,
      });
      return { ref: logicalId };
    }),

    provider('AWS::Lambda::EventInvokeConfig', asyncConfigProperties, ({ logicalId, properties }) => {
      store.asyncConfigs.set(functionNameOf(properties.FunctionName), {
        maxRetryAttempts: properties.MaximumRetryAttempts,
        onFailureArn: properties.DestinationConfig.OnFailure?.Destination,
        onSuccessArn: properties.DestinationConfig.OnSuccess?.Destination,
      });
      return { ref: logicalId };
    }),
  ];
}
