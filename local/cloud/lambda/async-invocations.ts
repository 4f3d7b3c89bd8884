import type { CloudCore } from '../service.ts';
import type { FunctionStore, LambdaFunction } from './functions.ts';
import type { Invoker } from './invoker.ts';

/** Waits before the second and the third attempt of an asynchronous invocation, as documented by Lambda. */
const retryAfterSeconds = [60, 120];

/** Asynchronous invocations: accepted at once, tried up to three times, then handed to the failure destination. */
export function createAsyncInvocations(core: CloudCore, store: FunctionStore, invoker: Invoker) {
  const stopping = new AbortController();

  async function run(lambda: LambdaFunction, payload: string, firstAttemptEnded: () => void): Promise<void> {
    const config = store.asyncConfigs.get(lambda.name) ?? { maximumRetryAttempts: 2, onFailureArn: undefined };
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await invoker.invoke(lambda, payload);
      firstAttemptEnded();
      if ('payload' in outcome) return;
      core.context.log('lambda', `${lambda.name} failed, attempt ${attempt + 1}: ${outcome.error.errorType}`);
      if (attempt >= config.maximumRetryAttempts) {
        if (config.onFailureArn !== undefined)
          await report(config.onFailureArn, lambda, payload, outcome.error, attempt);
        return;
      }
      await core.context.time.wait(retryAfterSeconds[attempt] ?? 120, stopping.signal);
    }
  }

  async function report(queueArn: string, lambda: LambdaFunction, payload: string, error: object, attempt: number) {
    const [, , , region, accountId, queueName] = queueArn.split(':');
    const record = {
      version: '1.0',
      timestamp: new Date().toISOString(),
      requestContext: {
        functionArn: `${lambda.arn}:$LATEST`,
        condition: 'RetriesExhausted',
        approximateInvokeCount: attempt + 1,
      },
      requestPayload: JSON.parse(payload),
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: error,
    };
    const QueueUrl = `https://sqs.${region}.amazonaws.com/${accountId}/${queueName}`;
    await core.call('sqs', 'SendMessage', { QueueUrl, MessageBody: JSON.stringify(record) }, lambda.roleArn);
  }

  return {
    /** Settles when the first attempt has ended. Never rejects. */
    add(lambda: LambdaFunction, payload: string): Promise<void> {
      return new Promise((resolve) => {
        run(lambda, payload, resolve).catch((error: Error) => {
          if (!stopping.signal.aborted) core.context.log('lambda', `${lambda.name}: ${error.message}`);
          resolve();
        });
      });
    },
    stop(): void {
      stopping.abort(new Error('the twin stops'));
    },
  };
}
