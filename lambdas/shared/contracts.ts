/** Inputs and outputs: of every function that a state machine calls, and of the state machines themselves. */
import { z } from 'zod';

const instanceId = z.string().regex(/^i-[0-9a-f]{8,17}$/, 'must be an EC2 instance id');
const name = z.string().min(1);
const count = z.int().min(1).max(50);

/** One SSM document's parameters, by their names in the document. */
export const documentParameters = z.record(z.string(), z.string());

/** CLUSTER_SETTINGS: what the deployment knows about the cluster. */
export const clusterSettings = z.object({
  clusterName: name,
  region: name,
  podCidr: name,
  serviceCidr: name,
  workers: count,
  issuerBucket: name,
  issuerUrl: z.url(),
  manifestsUri: z.string().startsWith('s3://'),
});

/** Also the input of provision-cluster. `Comment` is what the console puts into an input that nobody edited. */
export const resolveConfigInput = z.strictObject({
  workers: count.optional(),
  Comment: z.string().optional(),
});
export const resolveConfigOutput = z.object({
  clusterName: name,
  workers: count,
  parameters: z.object({
    installRuntime: documentParameters,
    initControlPlane: documentParameters,
    installNetwork: documentParameters,
    issueJoinCredentials: documentParameters,
    joinNode: documentParameters,
  }),
});
export type ResolvedConfig = z.output<typeof resolveConfigOutput>;

export const ensureControlPlaneInput = z.strictObject({ clusterName: name });
export const ensureControlPlaneOutput = z.object({ instanceId, privateIp: z.ipv4(), created: z.boolean() });
export type ControlPlane = z.output<typeof ensureControlPlaneOutput>;

export const waitForInstanceInput = z.strictObject({ instanceId });
export const waitForInstanceOutput = z.object({ instanceId, agentVersion: name });
export type OnlineInstance = z.output<typeof waitForInstanceOutput>;

/** Input of run-command. */
export const runCommandInput = z.object({ documentName: name, instanceId, parameters: documentParameters });
export const runCommandOutput = z.object({ commandId: name, status: z.literal('Success') });
export const startCommandInput = z.strictObject({ ...runCommandInput.shape, taskToken: name });

export const setWorkerCapacityInput = z.strictObject({ workers: count });
export const setWorkerCapacityOutput = z.object({ desired: z.int(), changed: z.boolean() });
export type WorkerCapacity = z.output<typeof setWorkerCapacityOutput>;

export const waitForJoinCredentialsInput = z.strictObject({});
export const waitForJoinCredentialsOutput = z.object({ expiresAt: z.iso.datetime({ offset: true }) });
export type JoinCredentials = z.output<typeof waitForJoinCredentialsOutput>;

export const waitForNodesInput = z.union([
  z.strictObject({ count: z.int().min(1).max(51) }),
  z.strictObject({ instanceId }),
]);
export const waitForNodesOutput = z.object({ ready: z.array(name) });
export type NodesWanted = z.output<typeof waitForNodesInput>;
export type ReadyNodes = z.output<typeof waitForNodesOutput>;

/** Input of join-node: the launch rule's input transformer and reconcile both write it. */
export const joinNodeInput = z.object({ instanceId, autoScalingGroupName: name, lifecycleHookName: name });
export type JoinNodeInput = z.output<typeof joinNodeInput>;

export const completeLifecycleActionInput = z.strictObject({
  ...joinNodeInput.shape,
  result: z.literal(['CONTINUE', 'ABANDON']),
});
export const completeLifecycleActionOutput = z.object({ hook: z.literal(['released', 'expired']) });
export type LifecycleOutcome = z.output<typeof completeLifecycleActionOutput>;

export const applyWorkloadsInput = z.strictObject({});
/** Also the output of provision-cluster. `loadBalancer` is absent while the cloud has not named it yet. */
export const applyWorkloadsOutput = z.object({
  workloads: z.array(z.object({ kind: name, namespace: name, name })),
  endpoints: z.object({ bot: z.url(), loadBalancer: name.optional() }),
});
export type AppliedWorkloads = z.output<typeof applyWorkloadsOutput>;

/**
 * { "source": "aws.ssm", "detail-type": "EC2 Command Invocation Status-change Notification",
 *   "detail": { "command-id": "e8d3c0e4-...", "document-name": "stepkube-join-node", "instance-id": "i-0123...",
 *               "requested-date-time": "2026-11-22T12:00:00.000Z", "status": "Success" } }
 */
export const commandStatusEvent = z.object({
  detail: z.object({ 'command-id': name, 'instance-id': name, status: name }),
});
