/**
 * Data that crosses a border between parts: inputs and outputs of the state machines, and the events that start a
 * function. The input of a single function is declared beside its handler.
 */
import { z } from 'zod';

/** e.g. i-0123456789abcdef0 */
export const instanceId = z.string().regex(/^i-[0-9a-f]{8,17}$/, 'must be an EC2 instance id');
/** A name or an id that AWS or Kubernetes gave: any text but the empty one. */
export const name = z.string().min(1);
/** The group's upper limit is in infra/config.ts (workers.max). */
export const workerCount = z.int().min(1).max(50);

/**
 * Input of provision-cluster. `workers` overrides the configured number for this execution. `Comment` is accepted because
 * the console fills it into an input that nobody has edited.
 */
export const provisionClusterInput = z.strictObject({
  workers: workerCount.optional(),
  Comment: z.string().optional(),
});

/** Output of provision-cluster. `loadBalancer` is absent as long as AWS has not assigned an address. */
export const provisionClusterOutput = z.object({
  workloads: z.array(z.object({ kind: name, namespace: name, name })),
  endpoints: z.object({ bot: z.url(), loadBalancer: name.optional() }),
});

/** Input of run-command. The document's parameters have their values as defaults in the document itself. */
export const runCommandInput = z.object({ documentName: name, instanceId });
export const runCommandOutput = z.object({ commandId: name, status: z.literal('Success') });

/** Input of join-node, and of drain-node by its hook: the input transformers of the rules and reconcile both write it. */
export const hookOfInstance = z.object({ instanceId, autoScalingGroupName: name, lifecycleHookName: name });
export type HookOfInstance = z.output<typeof hookOfInstance>;

/**
 * Input of drain-node, by hand `{"instanceId": "i-..."}` or `{"instanceId": "i-...", "terminate": true}`. Rules fill in the hook, or the mode and the deadline. Comment is what the
 * console adds.
 */
export const drainNodeInput = z
  .strictObject({
    instanceId,
    autoScalingGroupName: name.optional(),
    lifecycleHookName: name.optional(),
    /** 'drain' without it; 'cordon' only takes the node out of service, 'restore' puts it back. */
    mode: z.enum(['drain', 'cordon', 'restore']).optional(),
    /** From the start of the execution: then disruption budgets are bypassed. */
    deadlineSeconds: z.int().min(1).max(1200).optional(),
    /** Afterwards the group ends the instance and launches another one. */
    terminate: z.boolean().optional(),
    Comment: z.string().optional(),
  })
  .refine(({ terminate, mode = 'drain' }) => !terminate || mode === 'drain', {
    path: ['terminate'],
    message: 'goes with mode drain only',
  });
export type DrainNodeInput = z.output<typeof drainNodeInput>;

/**
 * A group could not launch an instance: EC2 refused, so there is none. An instance that was given up has an id here.
 * { "id": "3e3c...", "time": "2026-11-26T18:00:00Z", "detail-type": "EC2 Instance Launch Unsuccessful",
 *   "detail": { "AutoScalingGroupName": "stepkube-workers", "StatusCode": "Failed", "StatusMessage": "We currently do not have ..." } }
 */
export const launchRefusedEvent = z.object({
  id: name,
  time: z.iso.datetime(),
  detail: z.object({ AutoScalingGroupName: name, StatusMessage: z.string() }),
});

/** What a Catch puts at its ResultPath. AWS leaves `Cause` empty after a timeout. */
export const caughtFailure = z.object({ Error: name, Cause: z.string().optional() });
export type CaughtFailure = z.output<typeof caughtFailure>;

/**
 * { "source": "aws.ssm", "detail-type": "EC2 Command Invocation Status-change Notification",
 *   "detail": { "command-id": "e8d3c0e4-...", "document-name": "stepkube-join-node", "instance-id": "i-0123...",
 *               "requested-date-time": "2026-11-22T12:00:00.000Z", "status": "Success" } }
 */
export const commandStatusEvent = z.object({
  detail: z.object({ 'command-id': name, 'instance-id': name, status: name }),
});
