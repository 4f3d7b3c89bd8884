import { z } from 'zod';
import { readKubeconfig } from '../shared/cluster/kubeconfig.ts';
import { drainNodeInput } from '../shared/contracts.ts';
import { readEnvironment, seconds, text } from '../shared/env.ts';
import { logger, task } from '../shared/task.ts';
import { Drain, type DrainProgress, drainProgress } from './drain.ts';

const input = z.strictObject({
  request: drainNodeInput,
  /** Marks the node: the execution's name. */
  drainId: z.string().min(1).max(80),
  /** When the execution began. */
  startedAt: z.iso.datetime(),
  /** Of the call before; null at the first. */
  progress: drainProgress.nullable(),
});

const environment = readEnvironment({ KUBECONFIG_SECRET_ID: text, DRAIN_TIMEOUT_SECONDS: seconds });

/** Reserved at the end to report how far it came. */
const reserveMilliseconds = 5_000;

/**
 * Drains a node for as long as one invocation may; the state machine calls again until `done`. Each call is a repetition of the one
 * before, so it may be repeated. Calls secretsmanager:GetSecretValue and the Kubernetes API (nodes, pods, evictions, volume attachments).
 * @throws ClusterUnreachableError (repeat), KubeconfigInvalidError (permanent)
 */
export const handler = task(input, async (given, { signal, deadline }): Promise<DrainProgress> => {
  const { request, drainId, startedAt, progress } = given;
  const kubeconfig = await readKubeconfig(environment.KUBECONFIG_SECRET_ID, signal);
  const start = Date.parse(startedAt);
  const drain = new Drain({
    kubeconfig,
    instanceId: request.instanceId,
    drainId,
    startedAt: start,
    deadline: start + (request.deadlineSeconds ?? environment.DRAIN_TIMEOUT_SECONDS) * 1000,
    progress,
  });
  const outcome = await drain.run(request.mode ?? 'drain', deadline - reserveMilliseconds, signal);
  logger.info('drained', { instanceId: request.instanceId, ...outcome });
  return outcome;
});
