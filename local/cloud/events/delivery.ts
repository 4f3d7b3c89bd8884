import { randomUUID } from 'node:crypto';
import { invokeForService } from '../lambda/service-invocations.ts';
import { type CloudCore, ServiceError } from '../service.ts';
import { assertServiceMaySend } from '../sqs/service-deliveries.ts';
import type { BusEvent } from './bus.ts';
import { targetInput } from './input.ts';
import type { Rule, Target } from './rule.ts';

/** Errors that no repetition mends. */
const final = /^(AccessDenied|.*NotFound|.*DoesNotExist|NonExistentQueue|Validation|UnknownOperation)/;
const defaultRetries = 185;
const defaultAgeSeconds = 86_400;
const longestPauseSeconds = 60;

/** Brings one event to one target, again and again until it is taken, too old or given up; then to its dead letters. */
export function createDelivery(core: CloudCore) {
  const stopping = new AbortController();

  async function deliver(rule: Rule, target: Target, event: BusEvent, firstAttemptEnded: () => void): Promise<void> {
    const retries = target.RetryPolicy?.MaximumRetryAttempts ?? defaultRetries;
    const ageSeconds = target.RetryPolicy?.MaximumEventAgeInSeconds ?? defaultAgeSeconds;
    const deadline = Date.now() + core.context.time.milliseconds(Number(ageSeconds));
    for (let attempt = 0; ; attempt += 1) {
      try {
        await handOver(core, rule, target, event);
        return;
      } catch (error) {
        const { code, message } =
          error instanceof ServiceError ? error : { code: 'InternalError', message: `${error}` };
        core.context.log('events', `${rule.name} -> ${target.Arn}, attempt ${attempt + 1}: ${code}: ${message}`);
        if (final.test(code) || attempt >= Number(retries) || Date.now() > deadline) {
          await bury(core, rule, target, event, { code, message, attempt });
          return;
        }
      } finally {
        firstAttemptEnded();
      }
      await core.context.time.wait(Math.min(2 ** attempt, longestPauseSeconds), stopping.signal);
    }
  }

  return {
    /** Settles when the first attempt has ended. Never rejects. */
    start(rule: Rule, target: Target, event: BusEvent): Promise<void> {
      return new Promise((resolve) => {
        deliver(rule, target, event, resolve).catch((error: Error) => {
          if (!stopping.signal.aborted) core.context.log('events', `${rule.name} -> ${target.Arn}: ${error.stack}`);
          resolve();
        });
      });
    },
    stop(): void {
      stopping.abort(new Error('the twin stops'));
    },
  };
}

async function handOver(core: CloudCore, rule: Rule, target: Target, event: BusEvent): Promise<void> {
  const input = targetInput(rule, target, event);
  const service = target.Arn.split(':')[2];
  switch (service) {
    case 'lambda':
      await invokeForService(core, {
        functionArn: target.Arn,
        principal: 'events.amazonaws.com',
        sourceArn: rule.arn,
        payload: input,
      }).firstAttempt;
      return;
    case 'states': {
      const name = `${event.id}_${randomUUID()}`;
      await core.call('states', 'StartExecution', { stateMachineArn: target.Arn, name, input }, requiredRole(target));
      return;
    }
    case 'sqs':
      await sendToQueue(core, rule, target.Arn, { MessageBody: input });
      return;
    default:
      throw new ServiceError('ValidationException', `the twin has no targets of ${service}`);
  }
}

async function bury(
  core: CloudCore,
  rule: Rule,
  target: Target,
  event: BusEvent,
  failure: { readonly code: string; readonly message: string; readonly attempt: number },
): Promise<void> {
  const queueArn = target.DeadLetterConfig?.Arn;
  if (queueArn === undefined) return;
  const text = (StringValue: string) => ({ DataType: 'String', StringValue });
  await sendToQueue(core, rule, queueArn, {
    MessageBody: JSON.stringify(event),
    MessageAttributes: {
      RULE_ARN: text(rule.arn),
      TARGET_ARN: text(target.Arn),
      ERROR_CODE: text(failure.code),
      ERROR_MESSAGE: text(failure.message.slice(0, 1000) || failure.code),
      RETRY_ATTEMPTS: text(String(failure.attempt)),
    },
  });
}

async function sendToQueue(core: CloudCore, rule: Rule, queueArn: string, message: object): Promise<void> {
  assertServiceMaySend(core, { queueArn, principal: 'events.amazonaws.com', sourceArn: rule.arn });
  await core.call('sqs', 'SendMessage', { QueueUrl: queueUrl(queueArn), ...message }, null);
}

function requiredRole({ Arn, RoleArn }: Target): string {
  if (RoleArn === undefined) throw new ServiceError('ValidationException', `RoleArn is required for target ${Arn}`);
  return RoleArn;
}

function queueUrl(arn: string): string {
  const [, , , region, accountId, name] = arn.split(':');
  return `https://sqs.${region}.amazonaws.com/${accountId}/${name}`;
}
