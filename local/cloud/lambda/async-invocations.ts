/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
import type { CloudCore } from '../service.ts';
import { queueUrlOf } from '../sqs/queue-url.ts';
import type { FunctionErrorPayload } from './bootstrap-protocol.ts';
import type { AsyncInvokeConfig, FunctionStore, LambdaFunction } from './function-store.ts';
import type { Invoker } from './invoker.ts';

export interface AsyncInvocations {
  /** Accepts an invocation. Settles when the first attempt has ended, however it ended. Never rejects. */
  add(lambda: LambdaFunction, payload: string): Promise<void>;
  stop(): void;
}

/** Simulated waits before the second and the third attempt. */
const retryDelaysSeconds = [60, 120];
const defaultConfig: AsyncInvokeConfig = {
  maxRetryAttempts: retryDelaysSeconds.length,
  onFailureArn: undefined,
  onSuccessArn: undefined,
};

/** Asynchronous invocations: accepted at once, tried up to three times, then sent to their destination. */
export function createAsyncInvocations(core: CloudCore, store: FunctionStore, invoker: Invoker): AsyncInvocations {
  const stopping = new AbortController();

  async function run(lambda: LambdaFunction, payload: string, onFirstAttemptEnd: () => void): Promise<void> {
    const { maxRetryAttempts, onFailureArn, onSuccessArn } = store.asyncConfigs.get(lambda.name) ?? defaultConfig;
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await invoker.invoke(lambda, payload);
      onFirstAttemptEnd();
      if ('payload' in outcome) {
        const record = successRecord(lambda, payload, outcome.payload, attempt + 1);
        if (onSuccessArn !== undefined) await putRecord(core, onSuccessArn, record, lambda);
        return;
      }
      core.context.log('lambda', `${lambda.name} failed, attempt ${attempt + 1}: ${outcome.error.errorType}`);
      const delaySeconds = retryDelaysSeconds[attempt];
      if (attempt >= maxRetryAttempts || delaySeconds === undefined) {
        const record = failureRecord(lambda, payload, outcome.error, attempt + 1);
        if (onFailureArn !== undefined) await sendRecord(core, onFailureArn, record, lambda.roleArn);
        return;
      }
      await core.context.time.wait(delaySeconds, stopping.signal);
    }
  }

  return {
    add: (lambda, payload) =>
      new Promise((resolve) => {
        run(lambda, payload, resolve).catch((error: Error) => {
          if (!stopping.signal.aborted) core.context.log('lambda', `${lambda.name}: ${error.message}`);
          resolve();
        });
      }),
    stop: () => stopping.abort(new Error('the twin stops')),
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function recordOf(lambda: LambdaFunction, payload: string, condition: string, approximateInvokeCount: number) {
  return {
    version: '1.0',
    timestamp: new Date().toISOString(),
    requestContext: { functionArn: `${lambda.arn}:$LATEST`, condition, approximateInvokeCount },
    requestPayload: JSON.parse(payload),
  };
}

function failureRecord(lambda: LambdaFunction, payload: string, error: FunctionErrorPayload, attempts: number): object {
  return {
    ...recordOf(lambda, payload, 'RetriesExhausted', attempts),
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: error,
  };
}

function successRecord(lambda: LambdaFunction, payload: string, result: string, attempts: number): object {
  return {
    ...recordOf(lambda, payload, 'Success', attempts),
    responseContext: { statusCode: 200, executedVersion: '$LATEST' },
    responsePayload: JSON.parse(result),
  };
}

async function sendRecord(core: CloudCore, queueArn: string, record: object, roleArn: string): Promise<void> {
  const message = { QueueUrl: queueUrlOf(queueArn), MessageBody: JSON.stringify(record) };
  await core.call('sqs', 'SendMessage', message, roleArn);
}

async function putRecord(
  core: CloudCore,
  busArn: string,
  record: object,
  { arn, roleArn }: LambdaFunction,
): Promise<void> {
  const entry = {
    Source: 'lambda',
    DetailType: 'Lambda Function Invocation Result - Success',
    Detail: JSON.stringify(record),
    Resources: [busArn, `${arn}:$LATEST`],
    EventBusName: busArn,
  };
  await core.call('events', 'PutEvents', { Entries: [entry] }, roleArn);
}
