import { z } from 'zod';
import { tell } from '../shared/alarm.ts';
import { hookOfInstance, launchRefusedEvent } from '../shared/contracts.ts';
import { readEnvironment, text } from '../shared/env.ts';
import { completeHook, type HookOutcome } from '../shared/lifecycle-hook.ts';
import { logger, task } from '../shared/task.ts';
import { readGroup, removeTag, settle } from './group.ts';
import { isLoop, withFailure } from './launch-loop.ts';
import { changeRecord, clearRecord, type LaunchFailure } from './launch-record.ts';

const joined = z.strictObject({ ...hookOfInstance.shape, result: z.literal('CONTINUE') });
const failed = z.strictObject({
  ...hookOfInstance.shape,
  result: z.literal('ABANDON'),
  failure: z.object({ error: z.string(), cause: z.string() }),
});

const environment = readEnvironment({
  LAUNCHES_TABLE: text,
  ALARM_TOPIC_ARN: text,
  CLUSTER_NAME: text,
  AUTOSCALER_TAG: text,
});

interface EndedLaunch {
  /** Absent for a launch that EC2 refused: it has no instance. */
  readonly hook?: HookOutcome;
  /** The capacity to which a loop of failing launches was stopped. */
  readonly stoppedAtCapacity?: number;
}

/**
 * Ends a launch: its instance enters service, or is given up and replaced. After three launches in a row that failed with the same
 * cause there is no replacement: the group's capacity goes back to the instances that it has, the cluster autoscaler loses the tag by
 * which it finds the group, and the topic is told.
 * Calls autoscaling:CompleteLifecycleAction, DescribeAutoScalingGroups, SuspendProcesses, UpdateAutoScalingGroup, ResumeProcesses, DeleteTags;
 * dynamodb:GetItem, PutItem, DeleteItem; sns:Publish.
 */
export const handler = task(
  z.union([joined, failed, launchRefusedEvent]),
  async (ended, { signal }): Promise<EndedLaunch> => {
    if ('detail' in ended) {
      const { AutoScalingGroupName: group, StatusMessage: cause } = ended.detail;
      const failure = { launchId: ended.id, cause, at: Date.parse(ended.time) / 1000 };
      return giveUp(group, failure, async () => undefined, signal);
    }
    const { autoScalingGroupName: group, instanceId } = ended;
    if (ended.result === 'CONTINUE') {
      const hook = await completeHook(ended, 'CONTINUE', signal);
      await clearRecord(environment.LAUNCHES_TABLE, group, signal);
      return { hook };
    }
    const cause = `${ended.failure.error}: ${ended.failure.cause}`;
    let hook: HookOutcome = 'expired';
    const abandon = async () => {
      hook = await completeHook(ended, 'ABANDON', signal);
    };
    const stopped = await giveUp(group, { launchId: instanceId, cause, at: Date.now() / 1000 }, abandon, signal);
    return { hook, ...stopped };
  },
);

/** @param leave lets the failed instance go */
async function giveUp(
  group: string,
  failure: LaunchFailure,
  leave: () => Promise<void>,
  signal: AbortSignal,
): Promise<EndedLaunch> {
  const table = environment.LAUNCHES_TABLE;
  const { desired, tags } = await readGroup(group, failure.launchId, signal);
  const record = await changeRecord(table, group, (previous) => withFailure(previous, failure, desired), signal);
  if (!isLoop(record)) {
    await leave();
    return {};
  }
  // The cluster autoscaler finds the group by it, and would raise the capacity again at once: the pods that want a worker still wait.
  const wasAutoscaled = tags.includes(environment.AUTOSCALER_TAG);
  if (wasAutoscaled) await removeTag(group, environment.AUTOSCALER_TAG, signal);
  const capacity = await settle(group, failure.launchId, leave, signal);
  if (record.stoppedAtCapacity === undefined) {
    const name = `${environment.CLUSTER_NAME}-launch-loop`;
    const lines = loopLines(group, failure.cause, capacity, wasAutoscaled);
    await tell({ topicArn: environment.ALARM_TOPIC_ARN, name, lines }, signal);
    logger.warn('stopped a loop of failing launches', { group, capacity });
  }
  await changeRecord(table, group, (previous) => ({ ...previous, stoppedAtCapacity: capacity }), signal);
  return { stoppedAtCapacity: capacity };
}

function loopLines(group: string, cause: string, capacity: number, wasAutoscaled: boolean): readonly string[] {
  return [
    `Three launches in a row failed with the same cause: ${cause}`,
    `The group ${group} launches no more; its capacity is ${capacity}.`,
    ...(wasAutoscaled ? ['The cluster autoscaler leaves the group alone until then.'] : []),
    'When the cause is gone, ./stepkube provision --yes tries again. Runbook: docs/runbooks/launch-loop.md',
  ];
}
