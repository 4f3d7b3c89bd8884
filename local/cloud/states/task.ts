/** Runs one attempt of a Task state and records its events in the execution's history. */
import { parseArn } from '../arns.ts';
import { invokeFunction, runIntegration } from './service-integrations.ts';
import type { TaskAttempt } from './task-attempt.ts';
import { DataLimitExceededError, maxDataBytes } from './task-error.ts';

/** Details of inputs and outputs that the history has in full. */
const notTruncated = { truncated: false };

/** @throws TaskError with the error name that Retry and Catch match on AWS */
export async function runTask(attempt: TaskAttempt): Promise<unknown> {
  const { service, resource } = parseArn(attempt.resource);
  if (service === 'lambda') return runFunction(attempt);
  const [resourceType = '', ...action] = resource.split(':');
  return runRecordedIntegration(attempt, resourceType, action.join(':'));
}

/** "Resource": "<function ARN>" */
async function runFunction(attempt: TaskAttempt): Promise<unknown> {
  const { resource, input, timeoutSeconds, record } = attempt;
  record('LambdaFunctionScheduled', {
    resource,
    input: JSON.stringify(input),
    inputDetails: notTruncated,
    timeoutInSeconds: timeoutSeconds,
  });
  record('LambdaFunctionStarted');
  try {
    const { Payload } = await invokeFunction(attempt, resource, input);
    checkSize(Payload);
    record('LambdaFunctionSucceeded', outputDetails(Payload));
    return Payload;
  } catch (error) {
    record('LambdaFunctionFailed', errorDetails(error));
    throw error;
  }
}

/** "Resource": "arn:aws:states:::<service>:<action>[.<pattern>]" */
async function runRecordedIntegration(attempt: TaskAttempt, resourceType: string, resource: string): Promise<unknown> {
  const { core, input, timeoutSeconds, heartbeatSeconds, record } = attempt;
  const integration = { resourceType, resource };
  record('TaskScheduled', {
    ...integration,
    region: core.region,
    parameters: JSON.stringify(input),
    timeoutInSeconds: timeoutSeconds,
    heartbeatInSeconds: heartbeatSeconds,
  });
  record('TaskStarted', integration);
  const onSubmitted = (output: unknown) => record('TaskSubmitted', { ...integration, ...outputDetails(output) });
  try {
    const output = await runIntegration(attempt, `${resourceType}:${resource}`, onSubmitted);
    checkSize(output);
    record('TaskSucceeded', { ...integration, ...outputDetails(output) });
    return output;
  } catch (error) {
    // The cause of a timeout is missing in the history, not empty.
    if ((error as Error).name === 'States.Timeout') record('TaskTimedOut', { ...integration, error: 'States.Timeout' });
    else record('TaskFailed', { ...integration, ...errorDetails(error) });
    throw error;
  }
}

function checkSize(output: unknown): void {
  if (Buffer.byteLength(JSON.stringify(output) ?? '') <= maxDataBytes) return;
  throw new DataLimitExceededError(
    'The state/task returned a result with a size exceeding the maximum number of bytes service limit.',
  );
}

function outputDetails(output: unknown): object {
  return { output: JSON.stringify(output), outputDetails: notTruncated };
}

function errorDetails(error: unknown): object {
  const { name, message } = error as Error;
  return { error: name, cause: message };
}
