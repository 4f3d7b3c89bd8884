import { SFNClient } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { clientSettings } from '../shared/clients.ts';
import { findUncompleted } from '../shared/commands/commands-table.ts';
import { completeIfEnded } from '../shared/commands/complete-task.ts';
import type { HookOfInstance } from '../shared/contracts.ts';
import { readEnvironment, seconds, text } from '../shared/env.ts';
import { ReconcileIncompleteError } from '../shared/errors.ts';
import { logger, task } from '../shared/task.ts';
import { type NodeMachine, startExecution, withoutExecution } from './executions.ts';
import { findWaitingInstances } from './waiting-instances.ts';

const environment = readEnvironment({
  COMMANDS_TABLE: text,
  COMMAND_LOG_GROUP: text,
  WORKER_GROUP_NAME: text,
  JOIN_NODE_MACHINE_ARN: text,
  DRAIN_NODE_MACHINE_ARN: text,
  RECONCILE_AFTER_SECONDS: seconds,
});
const stepFunctions = new SFNClient(clientSettings);
const joinNode = { stepFunctions, arn: environment.JOIN_NODE_MACHINE_ARN };
const drainNode = { stepFunctions, arn: environment.DRAIN_NODE_MACHINE_ARN };

/** How many lost events this round has replaced. */
interface Reconciled {
  readonly commands: number;
  readonly joins: number;
  readonly drains: number;
}

/**
 * Replaces lost events, because those of SSM and Auto Scaling are best effort. A schedule calls it every minute: it
 * completes the tasks of commands whose end was not announced, and starts join-node and drain-node for instances that wait in a
 * hook and that none handles.
 * Calls what finish-command calls, and dynamodb:Scan; autoscaling:DescribeAutoScalingGroups, DescribeLifecycleHooks;
 * ec2:DescribeInstances; states:ListExecutions, DescribeExecution, StartExecution.
 * @throws ReconcileIncompleteError after every command and instance was tried
 */
export const handler = task(z.unknown(), async (_event, { signal }): Promise<Reconciled> => {
  const problems: string[] = [];
  const olderThan = Date.now() - environment.RECONCILE_AFTER_SECONDS * 1000;
  const commands = await attempt('commands', () => reconcileCommands(olderThan, problems, signal), problems, 0);
  const reconcileInstances = async () => {
    const waiting = await findWaitingInstances(environment.WORKER_GROUP_NAME, olderThan, signal);
    return {
      joins: await startMissing(joinNode, waiting.launches, problems, signal),
      drains: await startMissing(drainNode, waiting.terminations, problems, signal),
    };
  };
  const instances = await attempt('waiting instances', reconcileInstances, problems, { joins: 0, drains: 0 });
  if (problems.length > 0) throw new ReconcileIncompleteError(problems.join('; '));
  return { commands, ...instances };
});

async function reconcileCommands(olderThan: number, problems: string[], signal: AbortSignal): Promise<number> {
  const { COMMANDS_TABLE: table, COMMAND_LOG_GROUP: logGroup } = environment;
  let completed = 0;
  for await (const record of findUncompleted(table, olderThan, signal)) {
    completed += await attempt(
      `command ${record.commandId}`,
      async () => ((await completeIfEnded(record, { table, logGroup, signal })) === 'completed' ? 1 : 0),
      problems,
      0,
    );
  }
  return completed;
}

async function startMissing(
  machine: NodeMachine,
  waiting: readonly HookOfInstance[],
  problems: string[],
  signal: AbortSignal,
): Promise<number> {
  let started = 0;
  for (const instance of await withoutExecution(machine, waiting, signal)) {
    started += await attempt(
      `instance ${instance.instanceId}`,
      async () => ((await startExecution(machine, instance, signal)) ? 1 : 0),
      problems,
      0,
    );
  }
  return started;
}

/** Collects an error as a problem, so that one bad command or instance does not stop the others. */
async function attempt<T>(subject: string, work: () => Promise<T>, problems: string[], otherwise: T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    logger.warn('could not reconcile', { subject, errorName: name });
    problems.push(`${subject}: ${name}: ${message}`);
    return otherwise;
  }
}
