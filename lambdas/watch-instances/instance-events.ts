import { z } from 'zod';
import { type DrainNodeInput, instanceId, name } from '../shared/contracts.ts';

const ofInstance = z.object({ 'instance-id': instanceId });
const header = { id: name, source: name };

const spotInterruption = z.object({
  ...header,
  'detail-type': z.literal('EC2 Spot Instance Interruption Warning'),
  detail: ofInstance,
});
const rebalance = z.object({
  ...header,
  'detail-type': z.literal('EC2 Instance Rebalance Recommendation'),
  detail: ofInstance,
});
const stateChange = z.object({
  ...header,
  'detail-type': z.literal('EC2 Instance State-change Notification'),
  detail: ofInstance.extend({ state: name }),
});
/** One event can concern many instances. Entities that are no instances are left out. */
const scheduledChange = z.object({
  ...header,
  'detail-type': z.literal('AWS Health Event'),
  detail: z.object({
    service: z.literal('EC2'),
    eventTypeCategory: z.literal('scheduledChange'),
    /** 'closed': it is over, or was called off. */
    statusCode: z.string().optional(),
    affectedEntities: z.array(z.object({ entityValue: z.string() })).default([]),
  }),
});

/** What EC2 and AWS Health tell about instances. https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ec2.html */
export const instanceEvent = z.discriminatedUnion('detail-type', [
  spotInterruption,
  rebalance,
  stateChange,
  scheduledChange,
]);
export type InstanceEvent = z.output<typeof instanceEvent>;

/** EC2 takes a spot instance two minutes after its warning. */
const spotDeadlineSeconds = 100;
/** An instance that stops does not wait for anybody: what is evicted now starts elsewhere at once. */
const stoppingDeadlineSeconds = 30;

export interface Reaction {
  /** In the name of the execution. */
  readonly kind: 'spot' | 'rebalance' | 'state' | 'health';
  readonly instanceIds: readonly string[];
  /** How drain-node shall treat each of them. */
  readonly drain: Omit<DrainNodeInput, 'instanceId'>;
}

export function reactionTo(event: InstanceEvent): Reaction {
  switch (event['detail-type']) {
    case 'EC2 Spot Instance Interruption Warning':
      return {
        kind: 'spot',
        instanceIds: [event.detail['instance-id']],
        drain: { deadlineSeconds: spotDeadlineSeconds },
      };
    case 'EC2 Instance Rebalance Recommendation':
      // Only a raised risk: nothing new is scheduled there, and what runs goes on.
      return { kind: 'rebalance', instanceIds: [event.detail['instance-id']], drain: { mode: 'cordon' } };
    case 'EC2 Instance State-change Notification':
      return {
        kind: 'state',
        instanceIds: [event.detail['instance-id']],
        drain: { deadlineSeconds: stoppingDeadlineSeconds },
      };
    case 'AWS Health Event': {
      const { statusCode, affectedEntities } = event.detail;
      const entities = statusCode === 'closed' ? [] : affectedEntities.map(({ entityValue }) => entityValue);
      const instanceIds = entities.filter((entity) => instanceId.safeParse(entity).success);
      return { kind: 'health', instanceIds: [...new Set(instanceIds)], drain: { terminate: true } };
    }
  }
}
