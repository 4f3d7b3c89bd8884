/**
 * The service integrations that the state machines use, with their patterns: request response, run a job (.sync) and wait for
 * callback (.waitForTaskToken).
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html
 */
import { z } from 'zod';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import type { TaskAttempt } from './task-attempt.ts';
import { maxCauseLength, TaskError, timeoutError } from './task-error.ts';

/** The Parameters of lambda:invoke. */
const invokeParameters = z.object({ FunctionName: z.string(), Payload: z.unknown().optional() });
/** The Parameters of states:startExecution. */
const startExecutionParameters = z.object({
  StateMachineArn: z.string(),
  Name: z.string().optional(),
  Input: z.unknown().optional(),
});

const invokeOutput = z.object({
  StatusCode: z.number(),
  ExecutedVersion: z.string().optional(),
  FunctionError: z.string().optional(),
  Payload: z.string().transform((text): unknown => JSON.parse(text)),
});
const functionError = z.object({ errorType: z.string() });
const startExecutionOutput = z.object({ executionArn: z.string(), startDate: z.number() });
const describeExecutionOutput = z.object({
  name: z.string(),
  stateMachineArn: z.string(),
  status: z.string(),
  startDate: z.number(),
  stopDate: z.number().optional(),
  input: z.string(),
  output: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
});

/**
 * @param action e.g. 'lambda:invoke.waitForTaskToken'
 * @param onSubmitted gets the output of the request that starts a job or a callback task
 * @throws TaskError
 */
export async function runIntegration(
  attempt: TaskAttempt,
  action: string,
  onSubmitted: (output: unknown) => void,
): Promise<unknown> {
  switch (action) {
    case 'lambda:invoke': {
      const { FunctionName, Payload } = parseParameters(invokeParameters, attempt);
      return invokeFunction(attempt, FunctionName, Payload ?? {});
    }
    case 'lambda:invoke.waitForTaskToken':
      return invokeAndWaitForCallback(attempt, onSubmitted);
    case 'states:startExecution':
      return startExecution(attempt);
    case 'states:startExecution.sync':
    case 'states:startExecution.sync:2': {
      const started = await startExecution(attempt);
      onSubmitted(started);
      return awaitExecution(attempt, started.ExecutionArn, { parseJson: action.endsWith(':2') });
    }
    default:
      throw new TaskError('States.Runtime', `${attempt.resource} is not an integration that the twin serves`);
  }
}

/** @throws TaskError with the name of the error that the function threw */
export async function invokeFunction({ core, roleArn }: TaskAttempt, functionName: string, payload: unknown) {
  const input = { FunctionName: functionName, Payload: JSON.stringify(payload) };
  const output = await callService('Lambda', () => core.call('lambda', 'Invoke', input, roleArn));
  const { StatusCode, ExecutedVersion, FunctionError, Payload } = invokeOutput.parse(output);
  if (FunctionError !== undefined)
    throw new TaskError(functionError.parse(Payload).errorType, JSON.stringify(Payload).slice(0, maxCauseLength));
  return { ExecutedVersion, Payload, StatusCode };
}

/** Ends with the task token's callback, or with the function's error. */
async function invokeAndWaitForCallback(attempt: TaskAttempt, onSubmitted: (output: unknown) => void) {
  const { FunctionName, Payload } = parseParameters(invokeParameters, attempt);
  const callback = attempt.openCallback();
  attempt.signal.addEventListener('abort', callback.close);
  // The callback may come before the function has returned; what the function returns is only recorded.
  const failure = invokeFunction(attempt, FunctionName, Payload ?? {}).then((output) => {
    if (!attempt.signal.aborted) onSubmitted(output);
    return new Promise<never>(() => {});
  });
  try {
    return await Promise.race([callback.result, failure]);
  } finally {
    callback.close();
    failure.catch(() => {});
  }
}

async function startExecution(attempt: TaskAttempt) {
  const { core, roleArn } = attempt;
  const {
    StateMachineArn: stateMachineArn,
    Name: name,
    Input = {},
  } = parseParameters(startExecutionParameters, attempt);
  const request = { stateMachineArn, name, input: typeof Input === 'string' ? Input : JSON.stringify(Input) };
  const output = await callService('StepFunctions', () => core.call('states', 'StartExecution', request, roleArn));
  const { executionArn, startDate } = startExecutionOutput.parse(output);
  return { ExecutionArn: executionArn, StartDate: startDate * 1000 };
}

/** @param parseJson `.sync:2` returns parsed input and output, `.sync` returns them as text */
async function awaitExecution(
  { core, roleArn, signal, executionEnd }: TaskAttempt,
  executionArn: string,
  { parseJson }: { readonly parseJson: boolean },
) {
  const stopChild = () => stopExecution(core, executionArn, roleArn);
  signal.addEventListener('abort', stopChild);
  await executionEnd(executionArn);
  signal.removeEventListener('abort', stopChild);
  const output = await callService('StepFunctions', () =>
    core.call('states', 'DescribeExecution', { executionArn }, roleArn),
  );
  const execution = describeExecutionOutput.parse(output);
  const description = {
    ExecutionArn: executionArn,
    Input: execution.input,
    InputDetails: { Included: true },
    Name: execution.name,
    StartDate: execution.startDate * 1000,
    StateMachineArn: execution.stateMachineArn,
    Status: execution.status,
    StopDate: (execution.stopDate ?? 0) * 1000,
  };
  if (execution.status === 'TIMED_OUT') throw timeoutError();
  if (execution.status !== 'SUCCEEDED') {
    const failure = { ...description, Error: execution.error, Cause: execution.cause };
    throw new TaskError('States.TaskFailed', JSON.stringify(failure).slice(0, maxCauseLength));
  }
  const value = (text: string): unknown => (parseJson ? JSON.parse(text) : text);
  return {
    ...description,
    Input: value(execution.input),
    Output: value(execution.output ?? 'null'),
    OutputDetails: { Included: true },
  };
}

/** @throws TaskError States.Runtime, as AWS does for parameters that an integration cannot use */
function parseParameters<Schema extends z.ZodType>(schema: Schema, { resource, input }: TaskAttempt): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TaskError('States.Runtime', `${resource}: Parameters.${issue?.path.join('.')}: ${issue?.message}`);
}

function stopExecution(core: CloudCore, executionArn: string, roleArn: string): void {
  core
    .call('states', 'StopExecution', { executionArn }, roleArn)
    .catch((error: Error) => core.context.log('states', `${executionArn} could not be stopped: ${error.message}`));
}

/** Names a service's error as Step Functions does: '<Service>.<code>'; a denied call has a name of its own. */
async function callService(service: 'Lambda' | 'StepFunctions', call: () => Promise<Record<string, unknown>>) {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const isDenied = error.code.startsWith('AccessDenied');
    const code = isDenied ? `AWS${service}Exception` : error.code.replace(/(?:Exception)?$/, 'Exception');
    throw new TaskError(`${service}.${code}`, error.message);
  }
}
