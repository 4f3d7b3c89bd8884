/** What a Task state's Resource does: Lambda by its ARN, and the service integrations that the machines use. */
import { type CloudCore, ServiceError } from '../service.ts';
import { TaskError } from './task-error.ts';
import type { Callback } from './tokens.ts';

/** One attempt of one Task state. */
export interface TaskAttempt {
  readonly core: CloudCore;
  readonly roleArn: string;
  readonly resource: string;
  readonly input: unknown;
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
  /** Aborted when nobody waits for the attempt any more. */
  readonly signal: AbortSignal;
  /** Opens the callback of this attempt's task token. */
  readonly openCallback: () => Callback;
  /** Settles when the execution with this ARN has ended. */
  readonly executionEnd: (executionArn: string) => Promise<void>;
  readonly record: (type: string, details?: object) => void;
}

const complete = { truncated: false };

/** @throws TaskError with the name that Retry and Catch see on AWS */
export async function runTask(attempt: TaskAttempt): Promise<unknown> {
  if (attempt.resource.split(':')[2] === 'lambda') return runFunction(attempt);
  return runIntegration(attempt);
}

/** "Resource": "<function ARN>" */
async function runFunction(attempt: TaskAttempt): Promise<unknown> {
  const { resource, input, timeoutSeconds, record } = attempt;
  const scheduled = {
    resource,
    input: JSON.stringify(input),
    inputDetails: complete,
    timeoutInSeconds: timeoutSeconds,
  };
  record('LambdaFunctionScheduled', scheduled);
  record('LambdaFunctionStarted');
  try {
    const { Payload } = await invokeFunction(attempt, resource, input);
    record('LambdaFunctionSucceeded', { output: JSON.stringify(Payload), outputDetails: complete });
    return Payload;
  } catch (error) {
    record('LambdaFunctionFailed', errorDetails(error));
    throw error;
  }
}

/** "Resource": "arn:aws:states:::<service>:<action>[.<pattern>]" */
async function runIntegration(attempt: TaskAttempt): Promise<unknown> {
  const [, , , , , resourceType = '', resource = ''] = attempt.resource.split(/:(?!2$)/);
  const about = { resourceType, resource };
  attempt.record('TaskScheduled', {
    ...about,
    region: attempt.core.region,
    parameters: JSON.stringify(attempt.input),
    timeoutInSeconds: attempt.timeoutSeconds,
    heartbeatInSeconds: attempt.heartbeatSeconds,
  });
  attempt.record('TaskStarted', about);
  const submitted = (output: unknown) =>
    attempt.record('TaskSubmitted', { ...about, output: JSON.stringify(output), outputDetails: complete });
  try {
    const output = await integrationOf(attempt, `${resourceType}:${resource}`, submitted);
    attempt.record('TaskSucceeded', { ...about, output: JSON.stringify(output), outputDetails: complete });
    return output;
  } catch (error) {
    attempt.record('TaskFailed', { ...about, ...errorDetails(error) });
    throw error;
  }
}

async function integrationOf(attempt: TaskAttempt, action: string, submitted: (output: unknown) => void) {
  const input = attempt.input as Readonly<Record<string, unknown>>;
  switch (action) {
    case 'lambda:invoke':
      return invokeFunction(attempt, String(input['FunctionName']), input['Payload'] ?? {});
    case 'lambda:invoke.waitForTaskToken': {
      const callback = attempt.openCallback();
      attempt.signal.addEventListener('abort', callback.close);
      const call = invokeFunction(attempt, String(input['FunctionName']), input['Payload'] ?? {});
      // The answer may come before the function has returned; then its return value is of no interest.
      const failed = call.then((output) => {
        if (!attempt.signal.aborted) submitted(output);
        return new Promise<never>(() => {});
      });
      try {
        return await Promise.race([callback.result, failed]);
      } finally {
        callback.close();
        failed.catch(() => {});
      }
    }
    case 'states:startExecution':
      return startExecution(attempt, input);
    case 'states:startExecution.sync':
    case 'states:startExecution.sync:2': {
      const started = await startExecution(attempt, input);
      submitted(started);
      return awaitExecution(attempt, started.ExecutionArn, action.endsWith(':2'));
    }
    default:
      throw new TaskError('States.Runtime', `${attempt.resource} is not an integration that the twin serves`);
  }
}

async function invokeFunction({ core, roleArn }: TaskAttempt, functionName: string, payload: unknown) {
  const input = { FunctionName: functionName, Payload: JSON.stringify(payload) };
  const answer = await serviceCall('Lambda', () => core.call('lambda', 'Invoke', input, roleArn));
  const result = JSON.parse(String(answer['Payload']));
  if (answer['FunctionError'] !== undefined) throw new TaskError(result.errorType, JSON.stringify(result));
  return { ExecutedVersion: answer['ExecutedVersion'], Payload: result as unknown, StatusCode: answer['StatusCode'] };
}

async function startExecution({ core, roleArn }: TaskAttempt, input: Readonly<Record<string, unknown>>) {
  const childInput = input['Input'] ?? {};
  const request = {
    stateMachineArn: input['StateMachineArn'],
    ...(input['Name'] === undefined ? {} : { name: input['Name'] }),
    input: typeof childInput === 'string' ? childInput : JSON.stringify(childInput),
  };
  const started = await serviceCall('StepFunctions', () => core.call('states', 'StartExecution', request, roleArn));
  return { ExecutionArn: String(started['executionArn']), StartDate: Number(started['startDate']) * 1000 };
}

/** @param parsed `.sync:2` answers with parsed input and output, `.sync` with their text */
async function awaitExecution(
  { core, roleArn, signal, executionEnd }: TaskAttempt,
  executionArn: string,
  parsed: boolean,
) {
  const stopChild = () => {
    core
      .call('states', 'StopExecution', { executionArn }, roleArn)
      .catch((error: Error) => core.context.log('states', `${executionArn} could not be stopped: ${error.message}`));
  };
  signal.addEventListener('abort', stopChild);
  await executionEnd(executionArn);
  signal.removeEventListener('abort', stopChild);
  const described = await serviceCall('StepFunctions', () =>
    core.call('states', 'DescribeExecution', { executionArn }, roleArn),
  );
  const description = {
    ExecutionArn: executionArn,
    Input: described['input'],
    InputDetails: { Included: true },
    Name: described['name'],
    StartDate: Number(described['startDate']) * 1000,
    StateMachineArn: described['stateMachineArn'],
    Status: described['status'],
    StopDate: Number(described['stopDate']) * 1000,
  };
  if (described['status'] !== 'SUCCEEDED') {
    const failure = { ...description, Error: described['error'], Cause: described['cause'] };
    throw new TaskError('States.TaskFailed', JSON.stringify(failure));
  }
  const value = (text: unknown) => (parsed ? JSON.parse(String(text)) : text);
  return {
    ...description,
    Input: value(described['input']),
    Output: value(described['output']),
    OutputDetails: { Included: true },
  };
}

/** Names a service's refusal as Step Functions does: '<Service>.<code>', where access denied has a name of its own. */
async function serviceCall(service: 'Lambda' | 'StepFunctions', call: () => Promise<Record<string, unknown>>) {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const denied = error.code.startsWith('AccessDenied');
    const code = denied ? `AWS${service}Exception` : error.code.replace(/(?:Exception)?$/, 'Exception');
    throw new TaskError(`${service}.${code}`, error.message);
  }
}

function errorDetails(error: unknown): object {
  const { name, message } = error as Error;
  return { error: name, cause: message };
}
