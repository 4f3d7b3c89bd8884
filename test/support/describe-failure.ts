import { answerAws } from './aws-answers.ts';
import type { LambdaHandler } from './invoke-lambda.ts';
import { lambdaContext, loadHandler } from './invoke-lambda.ts';
import { lambdaError } from './run-asl.ts';

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
