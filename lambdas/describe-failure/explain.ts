import { z } from 'zod';
import type { CaughtFailure } from '../shared/contracts.ts';
import { type FailedState, parseObject } from './failed-state.ts';

export interface Explanation {
  /** Name of the innermost error that is known. */
  readonly error: string;
  readonly text: string;
}

/** What Lambda reports of a function that threw or was killed. */
const functionReport = z.object({ errorType: z.string(), errorMessage: z.string() });

/** What startExecution.sync reports of an execution that did not succeed: its description. */
const executionReport = z.object({
  ExecutionArn: z.string(),
  Status: z.string(),
  Error: z.string().optional(),
  Cause: z.string().optional(),
});

/** The cause of an execution holds 32,768 characters. */
const maxCharacters = 16_000;

/** Reads the cause of a caught failure: the JSON reports of functions and nested executions, plain text, or nothing. */
export function explain(failure: CaughtFailure, state: FailedState): Explanation {
  const { error, text } = read(failure, state);
  return { error, text: text.slice(0, maxCharacters) };
}

/** Whether the instance's agent can run another document after this error. */
export function hasReachableAgent(error: string): boolean {
  return !/^(?:AgentOffline|UnsupportedAgentVersion|InstanceGone|CommandUndeliverable)(?:Error)?$/.test(error);
}

function read({ Error: error, Cause: cause = '' }: CaughtFailure, state: FailedState): Explanation {
  const report = parseObject(cause);
  const ofFunction = functionReport.safeParse(report);
  if (ofFunction.success) {
    const { errorType, errorMessage } = ofFunction.data;
    return { error: errorType, text: `${errorType}: ${errorMessage}` };
  }
  const ofExecution = executionReport.safeParse(report);
  if (ofExecution.success) return readExecution(ofExecution.data, state);
  // The cause of a timeout is empty.
  if (cause !== '') return { error, text: `${error}: ${cause}` };
  return { error, text: error === 'States.Timeout' ? describeTimeout(state) : error };
}

function readExecution(report: z.output<typeof executionReport>, state: FailedState): Explanation {
  const { ExecutionArn, Status, Error: error = Status, Cause: cause = '' } = report;
  if (cause === '') {
    const timeout = Status === 'TIMED_OUT' ? 'States.Timeout' : error;
    return { error: timeout, text: `${taskOf(state)}: the execution ${ExecutionArn} ended with status ${Status}` };
  }
  const isReport = Object.keys(parseObject(cause)).length > 0;
  // The text of a nested execution is a sentence already.
  return isReport ? read({ Error: error, Cause: cause }, state) : { error, text: cause };
}

function describeTimeout(state: FailedState): string {
  const limit = state.timeoutSeconds === undefined ? 'in time' : `within ${state.timeoutSeconds} seconds`;
  return `${taskOf(state)} did not end ${limit}`;
}

/** e.g. 'stepkube-join-node on i-0123456789abcdef0' or 'the function stepkube-wait-for-nodes' */
function taskOf({ name, documentName, functionName, instanceId }: FailedState): string {
  if (documentName !== undefined) return instanceId === undefined ? documentName : `${documentName} on ${instanceId}`;
  return functionName === undefined ? `the task of ${name}` : `the function ${functionName}`;
}
