/**
 * The Filter parameter of EC2's Describe operations.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
 */
import { z } from 'zod';
import { matchesPattern } from '../iam/pattern.ts';
import { queryList } from '../schema.ts';
import { ServiceError } from '../service-error.ts';
import { type Instance, type Subnet, stateCodes, type Tags } from './instance.ts';

export const filterList = queryList(z.object({ Name: z.string(), Value: queryList(z.string()) }));

type Filters = z.output<typeof filterList>;
type ValuesOf<Subject> = (subject: Subject) => readonly (string | undefined)[];

const instanceFilters: Readonly<Record<string, ValuesOf<Instance>>> = {
  'availability-zone': ({ subnet }) => [subnet.availabilityZone],
  'client-token': ({ clientToken }) => [clientToken],
  'image-id': ({ imageId }) => [imageId],
  'instance-id': ({ instanceId }) => [instanceId],
  'instance-state-code': ({ state }) => [String(stateCodes[state])],
  'instance-state-name': ({ state }) => [state],
  'instance-type': ({ instanceType }) => [instanceType],
  'private-dns-name': ({ privateDnsName }) => [privateDnsName],
  'private-ip-address': ({ privateIp }) => [privateIp],
  'subnet-id': ({ subnet }) => [subnet.subnetId],
  'tag-key': ({ tags }) => Object.keys(tags),
  'vpc-id': ({ subnet }) => [subnet.vpcId],
};

const subnetFilters: Readonly<Record<string, ValuesOf<Subnet>>> = {
  'availability-zone': ({ availabilityZone }) => [availabilityZone],
  'cidr-block': ({ cidrBlock }) => [cidrBlock],
  'subnet-id': ({ subnetId }) => [subnetId],
  'tag-key': ({ tags }) => Object.keys(tags),
  'vpc-id': ({ vpcId }) => [vpcId],
};

/** @throws ServiceError InvalidParameterValue for a filter that the twin does not know */
export function filterInstances(instances: readonly Instance[], filters: Filters): readonly Instance[] {
  return applyFilters(instances, filters, instanceFilters);
}

/** @throws ServiceError InvalidParameterValue for a filter that the twin does not know */
export function filterSubnets(subnets: readonly Subnet[], filters: Filters): readonly Subnet[] {
  return applyFilters(subnets, filters, subnetFilters);
}

/** Every filter must match; a filter matches when one of its values does. */
function applyFilters<Subject extends { readonly tags: Tags }>(
  subjects: readonly Subject[],
  filters: Filters,
  known: Readonly<Record<string, ValuesOf<Subject>>>,
): readonly Subject[] {
  const matchers = filters.map(({ Name, Value }) => {
    const valuesOf: ValuesOf<Subject> | undefined = Name.startsWith('tag:')
      ? ({ tags }) => [tags[Name.slice('tag:'.length)]]
      : known[Name];
    if (valuesOf === undefined) throw new ServiceError('InvalidParameterValue', `The filter '${Name}' is invalid`);
    return (subject: Subject) =>
      valuesOf(subject).some((value) => value !== undefined && Value.some((pattern) => matchesPattern(pattern, value)));
  });
  return subjects.filter((subject) => matchers.every((matches) => matches(subject)));
}
