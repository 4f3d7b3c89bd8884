import { type Operation, ServiceError } from '../service.ts';
import type { ExecutionStore } from './executions.ts';
import type { HistoryEvent } from './history.ts';
import type { MachineStore } from './machines.ts';
import type { TokenStore } from './tokens.ts';

/** Step Functions' JSON 1.0 operations, as far as the project's code and people's tools call them. */
export function statesOperations(
  machines: MachineStore,
  executions: ExecutionStore,
  tokens: TokenStore,
): Readonly<Record<string, Operation>> {
  return {
    StartExecution: async ({ stateMachineArn, name, input }) => {
      const execution = executions.start(stateMachineArn, name, input ?? '{}');
      return { executionArn: execution.arn, startDate: execution.startedAt.getTime() / 1000 };
    },

    StopExecution: async ({ executionArn, error, cause }) => {
      const execution = executions.required(executionArn);
      await execution.stop(error, cause);
      return { stopDate: execution.describe().stopDate };
    },

    DescribeExecution: async ({ executionArn }) => executions.required(executionArn).describe(),

    ListExecutions: async ({ stateMachineArn, statusFilter, maxResults, nextToken }) => {
      machines.required(stateMachineArn);
      const matching = executions
        .list()
        .filter(({ machine }) => machine.arn === stateMachineArn)
        .map((execution) => execution.describe())
        .filter(({ status }) => statusFilter === undefined || status === statusFilter)
        .reverse();
      const page = pageOf(matching, maxResults, nextToken);
      return {
        executions: page.items.map(({ input, inputDetails, output, outputDetails, error, cause, ...item }) => item),
        ...page.more,
      };
    },

    GetExecutionHistory: async ({ executionArn, reverseOrder, maxResults, nextToken, includeExecutionData }) => {
      const { events } = executions.required(executionArn).history;
      const ordered = reverseOrder === true ? [...events].reverse() : events;
      const page = pageOf(ordered, maxResults, nextToken);
      return { events: page.items.map((event) => historyItem(event, includeExecutionData !== false)), ...page.more };
    },

    DescribeStateMachine: async ({ stateMachineArn }) => {
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
    },

    DescribeStateMachineForExecution: async ({ executionArn }) => {
      const { machine } = executions.required(executionArn);
      return {
        stateMachineArn: machine.arn,
        name: machine.name,
        definition: machine.definitionText,
        roleArn: machine.roleArn,
        updateDate: machine.createdAt.getTime() / 1000,
      };
    },

    ListStateMachines: async ({ maxResults, nextToken }) => {
      const page = pageOf(machines.list(), maxResults, nextToken);
      return {
        stateMachines: page.items.map(({ arn, name, createdAt }) => ({
          stateMachineArn: arn,
          name,
          type: 'STANDARD',
          creationDate: createdAt.getTime() / 1000,
        })),
        ...page.more,
      };
    },

    SendTaskSuccess: async ({ taskToken, output }) => {
      tokens.succeed(taskToken, output);
      return {};
    },

    SendTaskFailure: async ({ taskToken, error, cause }) => {
      tokens.fail(taskToken, error, cause);
      return {};
    },

    SendTaskHeartbeat: async ({ taskToken }) => {
      tokens.beat(taskToken);
      return {};
    },
  };
}

/** maxResults 0 or absent means the default of 100; 1000 is the most. A token is the position of the next item. */
function pageOf<T>(items: readonly T[], maxResults: unknown, nextToken: unknown) {
  const size = Math.min(Number(maxResults ?? 0) || 100, 1000);
  const start = nextToken === undefined ? 0 : Number(nextToken);
  if (!Number.isInteger(start)) throw new ServiceError('InvalidToken', `Invalid Token: '${nextToken}'`);
  const end = start + size;
  return { items: items.slice(start, end), more: end < items.length ? { nextToken: String(end) } : {} };
}

function historyItem({ details, ...event }: HistoryEvent, withData: boolean): object {
  if (withData) return { ...event, ...details };
  const dataless = Object.entries(details).map(([member, value]) => {
    const { input, output, parameters, cause, ...rest } = value as Record<string, unknown>;
    return [member, rest];
  });
  return { ...event, ...Object.fromEntries(dataless) };
}
