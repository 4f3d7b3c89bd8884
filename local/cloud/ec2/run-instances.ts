import type { Operation } from '../service.ts';
import { type CloudCore, ServiceError, type ServiceRequest } from '../service.ts';
import { listOf, reservationXml } from './describe.ts';
import { type Instance, type LaunchTemplate, tagRecord } from './instance.ts';
import type { InstanceStore } from './instances.ts';

interface Remembered {
  readonly parameters: string;
  readonly instances: readonly Instance[];
}

/** RunInstances from a launch template. A client token gets the instances of its first call. */
export function runInstancesOperation(core: CloudCore, store: InstanceStore): Operation {
  const byToken = new Map<string, Remembered>();

  return async (input, request) => {
    const { ClientToken, ...rest } = input;
    const parameters = JSON.stringify(rest);
    const before = ClientToken === undefined ? undefined : byToken.get(ClientToken);
    if (before !== undefined) return reservationXml(repeated(before, parameters), core.accountId);

    const template = templateOf(store, input);
    const subnet = store.requiredSubnet(input.SubnetId);
    passRole(core, request, template);
    const tagSpecification = listOf<{ ResourceType: string; Tag: unknown }>(input.TagSpecification);
    const tags = tagRecord(tagSpecification.find(({ ResourceType }) => ResourceType === 'instance')?.Tag);
    const instances = Array.from({ length: Number(input.MaxCount ?? 1) }, () =>
      store.launch({
        template,
        subnet,
        tags,
        ...(input.InstanceType === undefined ? {} : { instanceType: input.InstanceType }),
        ...(ClientToken === undefined ? {} : { clientToken: ClientToken }),
      }),
    );
    if (ClientToken !== undefined) byToken.set(ClientToken, { parameters, instances });
    return reservationXml(instances, core.accountId);
  };
}

function repeated({ parameters, instances }: Remembered, wanted: string): readonly Instance[] {
  if (parameters !== wanted) {
    throw new ServiceError(
      'IdempotentParameterMismatch',
      'The request uses the same client token as a previous, but non-identical request.',
    );
  }
  if (instances.every(({ state }) => state === 'terminated')) {
    throw new ServiceError(
      'IdempotentInstanceTerminated',
      'The request to launch an instance uses the same client token as a previous request for which the instance has been terminated.',
    );
  }
  return instances;
}

// biome-ignore lint/suspicious/noExplicitAny: the operation's documented input
function templateOf(store: InstanceStore, input: any): LaunchTemplate {
  const launchTemplateId = input.LaunchTemplate?.LaunchTemplateId;
  if (launchTemplateId === undefined) {
    throw new ServiceError('MissingParameter', 'The request must contain the parameter LaunchTemplateId');
  }
  return store.requiredTemplate(launchTemplateId);
}

function passRole(core: CloudCore, { caller }: ServiceRequest, { instanceProfile }: LaunchTemplate): void {
  if (instanceProfile !== undefined) core.authorize(caller, 'iam:PassRole', core.instanceProfileRole(instanceProfile));
}
