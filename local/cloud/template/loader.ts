/** Creates the resources of the synthesized template, as CloudFormation would. */
import type { CloudCore, CreatedResource, ResourceProvider, TemplateResource } from '../service.ts';
import { evaluateConditions } from './conditions.ts';
import { type DynamicSources, resolveDynamic } from './dynamic-references.ts';
import { resolve } from './intrinsics.ts';
import { creationOrder } from './order.ts';
import { parameterValues, publicParameter } from './parameters.ts';
import { createPassive } from './passive-types.ts';
import { conditionHolds, type Scope, TemplateError } from './scope.ts';
import type { Template } from './template.ts';

export interface LoaderOptions {
  readonly core: CloudCore;
  readonly template: Template;
  readonly providers: readonly ResourceProvider[];
}

/** @returns the stack's outputs. @throws TemplateError naming the resource that cannot be created, and why */
export async function loadTemplate({ core, template, providers }: LoaderOptions): Promise<Record<string, string>> {
  const sources = dynamicSources(core);
  const scope = await createScope(core, template, sources);
  const providerOf = new Map(providers.map((provider) => [provider.type, provider]));
  const active = (condition: string | undefined) =>
    condition === undefined || conditionHolds(condition, scope.conditions);

  for (const logicalId of creationOrder(template)) {
    const declaration = template.Resources[logicalId]!;
    if (!active(declaration.Condition)) continue;
    try {
      const resolved = resolve(declaration.Properties ?? {}, scope);
      const properties = await resolveDynamic(resolved, sources);
      const resource = { logicalId, type: declaration.Type, properties };
      scope.resources.set(logicalId, await create(core, providerOf, resource));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new TemplateError(`${logicalId} (${declaration.Type}): ${reason}`, { cause: error });
    }
  }
  const outputs = Object.entries(template.Outputs ?? {})
    .filter(([, { Condition }]) => active(Condition))
    .map(([name, { Value }]) => [name, String(resolve(Value, scope))] as const);
  return Object.fromEntries(outputs);
}

async function create(
  core: CloudCore,
  providers: ReadonlyMap<string, ResourceProvider>,
  resource: TemplateResource,
): Promise<CreatedResource> {
  const provider = providers.get(resource.type);
  if (provider !== undefined) return provider.create(resource);
  const passive = createPassive(resource, core.options.stackName);
  if (passive === undefined) throw new TemplateError('the twin has nothing that creates this type');
  return passive;
}

async function createScope(core: CloudCore, template: Template, sources: DynamicSources): Promise<Scope> {
  const { stackName } = core.options;
  const scope = {
    template,
    pseudo: {
      'AWS::AccountId': core.accountId,
      'AWS::Partition': 'aws',
      'AWS::Region': core.region,
      'AWS::StackId': `arn:aws:cloudformation:${core.region}:${core.accountId}:stack/${stackName}/twin`,
      'AWS::StackName': stackName,
      'AWS::URLSuffix': 'amazonaws.com',
    },
    parameters: await parameterValues(template, sources.parameter),
    resources: new Map<string, CreatedResource>(),
  };
  return { ...scope, conditions: evaluateConditions(scope) };
}

function dynamicSources(core: CloudCore): DynamicSources {
  return {
    parameter: async (Name) => {
      const known = publicParameter(Name);
      if (known !== undefined) return known;
      const { Parameter } = await core.call('ssm', 'GetParameter', { Name }, null);
      return (Parameter as { Value: string }).Value;
    },
    secret: async (SecretId) =>
      String((await core.call('secretsmanager', 'GetSecretValue', { SecretId }, null))['SecretString']),
  };
}
