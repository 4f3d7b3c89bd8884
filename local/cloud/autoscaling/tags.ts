/** Tags of groups: their changes, and the filters that read them. */
import { z } from 'zod';
import { type Input, type Operation, operation, parseInput } from '../operation.ts';
import { queryBoolean, queryList } from '../schema.ts';
import { ServiceError } from '../service-error.ts';
import type { Group } from './group.ts';
import type { GroupStore } from './group-store.ts';

const tagName = z.object({ ResourceId: z.string(), ResourceType: z.literal('auto-scaling-group'), Key: z.string() });
const tag = tagName.extend({ Value: z.string().default(''), PropagateAtLaunch: queryBoolean });
const createTagsInput = z.object({ Tags: queryList(tag) });
const deleteTagsInput = z.object({ Tags: queryList(tagName) });

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Filter.html */
export const groupFilters = queryList(z.object({ Name: z.string(), Values: queryList(z.string()) }));

export function tagOperations(store: GroupStore): Readonly<Record<string, Operation>> {
  return {
    CreateOrUpdateTags: operation(createTagsInput, ({ Tags }) => {
      for (const { ResourceId, Key, Value, PropagateAtLaunch } of Tags) {
        const group = store.required(ResourceId);
        group.tags = [...without(group, Key), { Key, Value, PropagateAtLaunch }];
      }
      return {};
    }),

    DeleteTags: operation(deleteTagsInput, ({ Tags }) => {
      for (const { ResourceId, Key } of Tags) {
        const group = store.required(ResourceId);
        group.tags = without(group, Key);
      }
      return {};
    }),
  };
}

const without = ({ tags }: Group, key: string) => tags.filter(({ Key }) => Key !== key);

export function changesTags(operation: string): boolean {
  return operation === 'CreateOrUpdateTags' || operation === 'DeleteTags';
}

export function taggedGroups(input: Input): readonly string[] {
  return parseInput('autoscaling', deleteTagsInput, input).Tags.map(({ ResourceId }) => ResourceId);
}

/** Every filter must match; a filter matches when one of its values does. @throws ServiceError ValidationError */
export function filterGroups(groups: readonly Group[], filters: z.output<typeof groupFilters>): readonly Group[] {
  const matchers = filters.map(({ Name, Values }) => {
    if (Name === 'tag-key') return ({ tags }: Group) => tags.some(({ Key }) => Values.includes(Key));
    if (Name === 'tag-value') return ({ tags }: Group) => tags.some(({ Value }) => Values.includes(Value));
    if (!Name.startsWith('tag:')) throw new ServiceError('ValidationError', `Filter ${Name} is not valid.`);
    const key = Name.slice('tag:'.length);
    return ({ tags }: Group) => tags.some(({ Key, Value }) => Key === key && Values.includes(Value));
  });
  return groups.filter((group) => matchers.every((matches) => matches(group)));
}
