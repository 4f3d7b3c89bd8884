import { z } from 'zod';
import { type Operation, operation, type ServiceRequest } from '../operation.ts';
import { queryList, queryNumber } from '../schema.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import { reservationXml } from './describe.ts';
import { refuseDryRun } from './dry-run.ts';
import { type Instance, type LaunchTemplate, tagRecord } from './instance.ts';
import type { InstanceStore } from './instance-store.ts';
import { type LaunchResources, templateReference } from './launch-resources.ts';

const tag = z.object({ Key: z.string(), Value: z.string().default('') });

/** Loose: every parameter counts when a client token comes again. */
export const runInstancesInput = z.looseObject({
  ClientToken: z.string().optional(),
  LaunchTemplate: templateReference,
  SubnetId: z.string(),
  InstanceType: z.string().optional(),
  MaxCount: queryNumber.default(1),
  DryRun: z.string().optional(),
  TagSpecification: queryList(z.object({ ResourceType: z.string(), Tag: queryList(tag) })),
});

interface EarlierRequest {
  readonly parameters: string;
  readonly instances: readonly Instance[];
}

/** RunInstances from a launch template. A repeated client token returns the instances of its first call. */
export function runInstancesOperation(core: CloudCore, store: InstanceStore, resources: LaunchResources): Operation {
  const byClientToken = new Map<string, EarlierRequest>();

  return operation(runInstancesInput, ({ ClientToken: clientToken, ...input }, request) => {
    const parameters = JSON.stringify(input);
    const earlier = clientToken === undefined ? undefined : byClientToken.get(clientToken);
    if (earlier !== undefined) return reservationXml(instancesOf(earlier, parameters), core.accountId);

    const template = resources.requiredTemplate(input.LaunchTemplate);
    const subnet = resources.requiredSubnet(input.SubnetId);
    checkPassRole(core, request, template);
    refuseDryRun(input);
    const { availabilityZone } = subnet;
    if (core.context.faults.take('no-capacity', availabilityZone))
      throw new ServiceError(
        'InsufficientInstanceCapacity',
        `We currently do not have sufficient ${input.InstanceType ?? template.instanceType} capacity in the Availability Zone you requested (${availabilityZone}).`,
        500,
      );
    const specification = input.TagSpecification.find(({ ResourceType }) => ResourceType === 'instance');
    const tags = tagRecord(specification?.Tag ?? []);
    const instances = Array.from({ length: input.MaxCount }, () =>
      store.launch({ template, subnet, tags, instanceType: input.InstanceType, clientToken }),
    );
    if (clientToken !== undefined) byClientToken.set(clientToken, { parameters, instances });
    return reservationXml(instances, core.accountId);
  });
}

/** https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html */
function instancesOf(earlier: EarlierRequest, parameters: string): readonly Instance[] {
  if (earlier.parameters !== parameters) {
    throw new ServiceError(
      'IdempotentParameterMismatch',
      'The request uses the same client token as a previous, but non-identical request.',
    );
  }
  if (earlier.instances.every(({ state }) => state === 'terminated')) {
    throw new ServiceError(
      'IdempotentInstanceTerminated',
      'The request to launch an instance uses the same client token as a previous request for which the instance has been terminated.',
    );
  }
  return earlier.instances;
}

/** To launch an instance with a role, the caller needs the permission to pass the role. */
function checkPassRole(core: CloudCore, { caller }: ServiceRequest, { instanceProfile }: LaunchTemplate): void {
  if (instanceProfile !== undefined) core.authorize(caller, 'iam:PassRole', core.instanceProfileRole(instanceProfile));
}
