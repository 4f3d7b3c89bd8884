/** Creates the resources of the synthesized template, as CloudFormation would. */
import { z } from 'zod';
import { arnOf } from '../arns.ts';
import type { CreatedResource, ResourceProvider, TemplateResource } from '../resource.ts';
import type { CloudCore } from '../service.ts';
import { evaluateConditions } from './conditions.ts';
import { type DynamicSources, resolveDynamic } from './dynamic-references.ts';
import { resolve } from './intrinsics.ts';
import { creationOrder } from './order.ts';
import { parameterValues, publicParameter } from './parameters.ts';
import { passiveProviders } from './passive-types.ts';
import { conditionHolds, type Scope, TemplateError } from './scope.ts';
import type { Template } from './template.ts';

export interface LoaderOptions {
  readonly core: CloudCore;
  readonly template: Template;
  readonly providers: readonly ResourceProvider[];
}

type Providers = ReadonlyMap<string, ResourceProvider>;

/** @returns the stack's outputs. @throws TemplateError naming the resource that cannot be created, and why */
export async function loadTemplate({ core, template, providers }: LoaderOptions): Promise<Record<string, string>> {
  const sources = dynamicSources(core);
  const scope = await createScope(core, template, sources);
  const byType: Providers = new Map(
    [...passiveProviders(core.options.stackName), ...providers].map((provider) => [provider.type, provider]),
  );
  const isActive = (condition: string | undefined) =>
    condition === undefined || conditionHolds(condition, scope.conditions);

  for (const logicalId of creationOrder(template)) {
    const { Type: type, Properties, Condition } = template.Resources[logicalId]!;
    if (!isActive(Condition)) continue;
    try {
      const properties = await resolveDynamic(resolve(Properties, scope), sources);
      scope.resources.set(logicalId, await create(byType, { logicalId, type, properties }));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new TemplateError(`${logicalId} (${type}): ${reason}`, { cause: error });
    }
  }
  const outputs = Object.entries(template.Outputs)
    .filter(([, { Condition }]) => isActive(Condition))
    .map(([name, { Value }]) => [name, String(resolve(Value, scope))] as const);
  return Object.fromEntries(outputs);
}

async function create(providers: Providers, resource: TemplateResource): Promise<CreatedResource> {
  const provider = providers.get(resource.type);
  if (provider === undefined) throw new TemplateError('the twin has nothing that creates this type');
  return provider.create(resource);
}

async function createScope(core: CloudCore, template: Template, sources: DynamicSources): Promise<Scope> {
  const { stackName } = core.options;
  const scope = {
    template,
    pseudo: {
      'AWS::AccountId': core.accountId,
      'AWS::Partition': 'aws',
      'AWS::Region': core.region,
      'AWS::StackId': arnOf(core, 'cloudformation', `stack/${stackName}/twin`),
      'AWS::StackName': stackName,
      'AWS::URLSuffix': 'amazonaws.com',
    },
    parameters: await parameterValues(template, sources.parameter),
    resources: new Map<string, CreatedResource>(),
  };
  return { ...scope, conditions: evaluateConditions(scope) };
}

const getParameterOutput = z.object({ Parameter: z.object({ Value: z.string() }) });
const getSecretValueOutput = z.object({ SecretString: z.string() });

function dynamicSources(core: CloudCore): DynamicSources {
  return {
    parameter: async (Name) => {
      const published = publicParameter(Name);
      if (published !== undefined) return published;
      return getParameterOutput.parse(await core.call('ssm', 'GetParameter', { Name }, null)).Parameter.Value;
    },
    secret: async (SecretId) =>
      getSecretValueOutput.parse(await core.call('secretsmanager', 'GetSecretValue', { SecretId }, null)).SecretString,
  };
}
