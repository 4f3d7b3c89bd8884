import { randomUUID } from 'node:crypto';
import type { Instance } from '../ec2/instance.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import type { Group, LifecycleActionResult, LifecycleHook } from './group.ts';

interface OpenAction {
  readonly token: string;
  readonly groupName: string;
  readonly hookName: string;
  readonly instanceId: string;
  readonly complete: (result: LifecycleActionResult) => void;
  readonly recordHeartbeat: () => void;
}

/** Identifies an action by its token, or by its instance. */
export interface ActionReference {
  readonly AutoScalingGroupName: string;
  readonly LifecycleHookName: string;
  readonly LifecycleActionToken?: string | undefined;
  readonly InstanceId?: string | undefined;
}

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html */
const eventFields = {
  'autoscaling:EC2_INSTANCE_LAUNCHING': {
    detailType: 'EC2 Instance-launch Lifecycle Action',
    Origin: 'EC2',
    Destination: 'AutoScalingGroup',
  },
  'autoscaling:EC2_INSTANCE_TERMINATING': {
    detailType: 'EC2 Instance-terminate Lifecycle Action',
    Origin: 'AutoScalingGroup',
    Destination: 'EC2',
  },
} as const;

/** Lifecycle actions: each keeps an instance in a wait state until the action is completed or its heartbeat timeout elapses. */
export class LifecycleActions {
  readonly #core: CloudCore;
  readonly #open = new Map<string, OpenAction>();
  #stopped = false;

  constructor(core: CloudCore) {
    this.#core = core;
  }

  /** Publishes the action's event and waits for its result. Never settles after `stop`. */
  start(group: Group, hook: LifecycleHook, instance: Instance): Promise<LifecycleActionResult> {
    const token = randomUUID();
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const complete = (result: LifecycleActionResult) => {
        clearTimeout(timer);
        this.#open.delete(token);
        if (!this.#stopped) resolve(result);
      };
      // In real time, as what happens meanwhile: a node is prepared, or drained.
      const recordHeartbeat = () => {
        clearTimeout(timer);
        timer = setTimeout(() => complete(hook.defaultResult), hook.heartbeatTimeoutSeconds * 1000);
      };
      const { instanceId } = instance;
      const names = { groupName: group.name, hookName: hook.name, instanceId };
      this.#open.set(token, { token, ...names, complete, recordHeartbeat });
      recordHeartbeat();
      this.#publish(group, hook, instanceId, token);
    });
  }

  /** @throws ServiceError ValidationError when no such action is open */
  complete(reference: ActionReference, result: LifecycleActionResult): void {
    this.#required(reference).complete(result);
  }

  /** Starts the heartbeat timeout again. @throws ServiceError ValidationError when no such action is open */
  recordHeartbeat(reference: ActionReference): void {
    this.#required(reference).recordHeartbeat();
  }

  /** Ends the open actions of an instance that leaves its group for another reason. */
  abandon(instanceId: string): void {
    for (const action of this.#open.values()) if (action.instanceId === instanceId) action.complete('ABANDON');
  }

  stop(): void {
    this.#stopped = true;
    for (const action of this.#open.values()) action.complete('ABANDON');
  }

  #required(reference: ActionReference): OpenAction {
    const { AutoScalingGroupName, LifecycleHookName, LifecycleActionToken, InstanceId } = reference;
    const action = [...this.#open.values()].find(
      ({ token, groupName, hookName, instanceId }) =>
        groupName === AutoScalingGroupName &&
        hookName === LifecycleHookName &&
        (LifecycleActionToken === undefined ? instanceId === InstanceId : token === LifecycleActionToken),
    );
    if (action !== undefined) return action;
    const subject = LifecycleActionToken === undefined ? `instance ID ${InstanceId}` : `token ${LifecycleActionToken}`;
    throw new ServiceError('ValidationError', `No active Lifecycle Action found with ${subject}`);
  }

  #publish(group: Group, hook: LifecycleHook, instanceId: string, token: string): void {
    if (this.#core.context.faults.take('lifecycle-event-lost', hook.name)) return;
    const { detailType, Origin, Destination } = eventFields[hook.transition];
    void this.#core.eventBus.publish({
      source: 'aws.autoscaling',
      detailType,
      resources: [group.arn],
      detail: {
        LifecycleActionToken: token,
        AutoScalingGroupName: group.name,
        LifecycleHookName: hook.name,
        EC2InstanceId: instanceId,
        LifecycleTransition: hook.transition,
        ...(hook.notificationMetadata === undefined ? {} : { NotificationMetadata: hook.notificationMetadata }),
        Origin,
        Destination,
      },
    });
  }
}
