import { randomUUID } from 'node:crypto';
import type { Instance } from '../ec2/instance.ts';
import { publishAwsEvent } from '../events/bus.ts';
import { type CloudCore, ServiceError } from '../service.ts';
import type { ActionResult, Group, LifecycleHook } from './group.ts';

interface OpenAction {
  readonly token: string;
  readonly groupName: string;
  readonly hookName: string;
  readonly instanceId: string;
  readonly complete: (result: ActionResult) => void;
  readonly beat: () => void;
}

/** Which action: by its token, or by its instance. */
export interface ActionReference {
  readonly AutoScalingGroupName: string;
  readonly LifecycleHookName: string;
  readonly LifecycleActionToken?: string;
  readonly InstanceId?: string;
}

const eventNames = {
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

/** Instances that wait at a hook until somebody completes the action, or its time runs out. */
export class LifecycleActions {
  readonly #core: CloudCore;
  readonly #open = new Map<string, OpenAction>();
  #stopped = false;

  constructor(core: CloudCore) {
    this.#core = core;
  }

  /** Announces the action and waits for its result. Never settles after `stop`. */
  wait(group: Group, hook: LifecycleHook, instance: Instance): Promise<ActionResult> {
    const token = randomUUID();
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const complete = (result: ActionResult) => {
        clearTimeout(timer);
        this.#open.delete(token);
        if (!this.#stopped) resolve(result);
      };
      const beat = () => {
        clearTimeout(timer);
        timer = setTimeout(() => complete(hook.defaultResult), this.#heartbeatMilliseconds(hook));
      };
      const { instanceId } = instance;
      this.#open.set(token, { token, groupName: group.name, hookName: hook.name, instanceId, complete, beat });
      beat();
      this.#announce(group, hook, instanceId, token);
    });
  }

  /** @throws ServiceError ValidationError when no such action is open */
  complete(reference: ActionReference, result: ActionResult): void {
    this.#required(reference).complete(result);
  }

  /** @throws ServiceError ValidationError when no such action is open */
  beat(reference: ActionReference): void {
    this.#required(reference).beat();
  }

  /** The instance is gone by other means: nobody waits for its action any more. */
  forget(instanceId: string): void {
    for (const action of this.#open.values()) if (action.instanceId === instanceId) action.complete('ABANDON');
  }

  stop(): void {
    this.#stopped = true;
    for (const action of this.#open.values()) action.complete('ABANDON');
  }

  /** A launch hook's time bounds work that really runs here; at a terminate hook simulated time passes. */
  #heartbeatMilliseconds({ transition, heartbeatSeconds }: LifecycleHook): number {
    if (transition === 'autoscaling:EC2_INSTANCE_LAUNCHING') return heartbeatSeconds * 1000;
    return this.#core.context.time.milliseconds(heartbeatSeconds);
  }

  #required({
    AutoScalingGroupName,
    LifecycleHookName,
    LifecycleActionToken,
    InstanceId,
  }: ActionReference): OpenAction {
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

  #announce(group: Group, hook: LifecycleHook, instanceId: string, token: string): void {
    if (this.#core.context.faults.take('lifecycle-event-lost', hook.name)) return;
    const { detailType, Origin, Destination } = eventNames[hook.transition];
    void publishAwsEvent(this.#core, {
      source: 'aws.autoscaling',
      detailType,
      resources: [group.arn],
      detail: {
        LifecycleActionToken: token,
        AutoScalingGroupName: group.name,
        LifecycleHookName: hook.name,
        EC2InstanceId: instanceId,
        LifecycleTransition: hook.transition,
        ...(hook.metadata === undefined ? {} : { NotificationMetadata: hook.metadata }),
        Origin,
        Destination,
      },
    });
  }
}
