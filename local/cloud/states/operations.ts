import { z } from 'zod';
import { type Operation, operation } from '../operation.ts';
import { ServiceError } from '../service-error.ts';
import type { ExecutionStore } from './execution-store.ts';
import type { HistoryEvent } from './history.ts';
import type { MachineStore } from './machine-store.ts';
import { maxCauseLength, maxDataBytes, maxErrorLength } from './task-error.ts';
import type { TokenStore } from './token-store.ts';

/** In the words of the service's validation. */
const tooLong = (max: number) => `failed to satisfy constraint: Member must have length less than or equal to ${max}`;

const defaultPageSize = 100;
const maxPageSize = 1000;

const page = z.object({
  /** 0 stands for the default. */
  maxResults: z.int().min(0).max(maxPageSize).default(0),
  /** The position of the page's first item. */
  nextToken: z.string().default('0'),
});
const machineInput = z.object({ stateMachineArn: z.string() });
const executionInput = z.object({ executionArn: z.string() });
const errorAndCause = z.object({
  error: z.string().max(maxErrorLength, tooLong(maxErrorLength)).optional(),
  cause: z.string().max(maxCauseLength, tooLong(maxCauseLength)).optional(),
});
/** Inputs and outputs are limited in bytes of UTF-8. */
const data = z.string().refine((text) => Buffer.byteLength(text) <= maxDataBytes, tooLong(maxDataBytes));
const startExecutionInput = machineInput.extend({ name: z.string().optional(), input: data.optional() });
const listExecutionsInput = machineInput.extend({ ...page.shape, statusFilter: z.string().optional() });
const historyInput = executionInput.extend({
  ...page.shape,
  reverseOrder: z.boolean().default(false),
  includeExecutionData: z.boolean().default(true),
});
const tokenInput = z.object({ taskToken: z.string() });

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html */
export function statesOperations(
  machines: MachineStore,
  executions: ExecutionStore,
  tokens: TokenStore,
): Readonly<Record<string, Operation>> {
  return {
    StartExecution: operation(startExecutionInput, ({ stateMachineArn, name, input }) => {
      const execution = executions.start(stateMachineArn, name, input);
      return { executionArn: execution.arn, startDate: execution.startedAt.getTime() / 1000 };
    }),

    StopExecution: operation(executionInput.extend(errorAndCause.shape), async ({ executionArn, error, cause }) => {
      const execution = executions.required(executionArn);
      await execution.stop(error, cause);
      return { stopDate: execution.describe().stopDate };
    }),

    DescribeExecution: operation(executionInput, ({ executionArn }) => executions.required(executionArn).describe()),

    ListExecutions: operation(listExecutionsInput, ({ stateMachineArn, statusFilter, maxResults, nextToken }) => {
      machines.required(stateMachineArn);
      const newestFirst = executions
        .list()
        .filter(({ machine }) => machine.arn === stateMachineArn)
        .map((execution) => execution.describe())
        .filter(({ status }) => statusFilter === undefined || status === statusFilter)
        .reverse();
      const { items, next } = pageOf(newestFirst, maxResults, nextToken);
      return {
        executions: items.map(({ input, inputDetails, output, outputDetails, error, cause, ...item }) => item),
        ...next,
      };
    }),

    GetExecutionHistory: operation(historyInput, (input) => {
      const { events } = executions.required(input.executionArn).history;
      const ordered = input.reverseOrder ? [...events].reverse() : events;
      const { items, next } = pageOf(ordered, input.maxResults, input.nextToken);
      return { events: items.map((event) => describeEvent(event, input.includeExecutionData)), ...next };
    }),

    DescribeStateMachine: operation(machineInput, ({ stateMachineArn }) => {
      const machine = machines.required(stateMachineArn);
      return {
        stateMachineArn,
        name: machine.name,
        status: 'ACTIVE',
        definition: machine.definitionText,
        roleArn: machine.roleArn,
        type: 'STANDARD',
        creationDate: machine.createdAt.getTime() / 1000,
      };
    }),

    DescribeStateMachineForExecution: operation(z.object({ executionArn: z.string() }), ({ executionArn }) => {
      const { machine } = executions.required(executionArn);
      return {
        stateMachineArn: machine.arn,
        name: machine.name,
        definition: machine.definitionText,
        roleArn: machine.roleArn,
        updateDate: machine.createdAt.getTime() / 1000,
      };
    }),

    ListStateMachines: operation(page, ({ maxResults, nextToken }) => {
      const { items, next } = pageOf(machines.list(), maxResults, nextToken);
      return {
        stateMachines: items.map(({ arn, name, createdAt }) => ({
          stateMachineArn: arn,
          name,
          type: 'STANDARD',
          creationDate: createdAt.getTime() / 1000,
        })),
        ...next,
      };
    }),

    SendTaskSuccess: operation(tokenInput.extend({ output: data }), ({ taskToken, output }) => {
      tokens.succeed(taskToken, output);
      return {};
    }),

    SendTaskFailure: operation(tokenInput.extend(errorAndCause.shape), ({ taskToken, error, cause }) => {
      tokens.fail(taskToken, error, cause);
      return {};
    }),

    SendTaskHeartbeat: operation(tokenInput, ({ taskToken }) => {
      tokens.recordHeartbeat(taskToken);
      return {};
    }),
  };
}

/** @throws ServiceError InvalidToken */
function pageOf<T>(items: readonly T[], maxResults: number, nextToken: string) {
  const start = Number(nextToken);
  if (!Number.isInteger(start)) throw new ServiceError('InvalidToken', `Invalid Token: '${nextToken}'`);
  const end = start + (maxResults || defaultPageSize);
  return { items: items.slice(start, end), next: end < items.length ? { nextToken: String(end) } : {} };
}

/** Without execution data an event has no inputs, outputs, parameters and causes. */
function describeEvent({ details, ...event }: HistoryEvent, includeExecutionData: boolean): object {
  if (includeExecutionData) return { ...event, ...details };
  const withoutData = Object.entries(details).map(([member, value]) => {
    const data = new Set(['input', 'output', 'parameters', 'cause']);
    return [member, Object.fromEntries(Object.entries(value).filter(([name]) => !data.has(name)))];
  });
  return { ...event, ...Object.fromEntries(withoutData) };
}
