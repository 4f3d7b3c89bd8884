import { afterAll, beforeAll, vi } from 'vitest';
import { answerAws } from './aws-answers.ts';
import type { LambdaHandler } from './invoke-lambda.ts';
import { lambdaContext, loadHandler } from './invoke-lambda.ts';
import { type AslRun, lambdaError, readMachine, runAsl, type TaskHandler } from './run-asl.ts';

/** Runs of one machine with the real describe-failure. To be called once, at the top of a test file. */
export function runsOf(
  machine: string,
): (input: object, handlers: Readonly<Record<string, TaskHandler>>) => Promise<AslRun> {
  let describeFailure: Awaited<ReturnType<typeof describeFailureHandler>>;
  beforeAll(async () => {
    describeFailure = await describeFailureHandler();
  });
  afterAll(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });
  return (input, handlers) => runAsl(readMachine(machine), input, { DescribeFailure: describeFailure, ...handlers });
}

/** A handler for the state DescribeFailure: the real function, which reads the history of the run. */
export async function describeFailureHandler(): Promise<(input: never, history: readonly object[]) => Promise<object>> {
  const handler: LambdaHandler = await loadHandler('describe-failure');
  return async (input, history) => {
    answerAws({ GetExecutionHistory: { events: history } });
    try {
      return (await handler(input, lambdaContext())) as object;
    } catch (error) {
      throw lambdaError((error as Error).name, (error as Error).message);
    }
  };
}
