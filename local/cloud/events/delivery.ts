import { randomUUID } from 'node:crypto';
import { parseArn } from '../arns.ts';
import type { LambdaModule } from '../lambda/module.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import type { SnsModule } from '../sns/module.ts';
import type { SqsModule } from '../sqs/module.ts';
import { queueUrlOf } from '../sqs/queue-url.ts';
import type { BusEvent } from './bus.ts';
import { targetInput } from './input.ts';
import type { Rule, Target } from './rule.ts';

/** The services whose resource-based policies decide about EventBridge's calls. */
export interface TargetServices {
  readonly lambda: Pick<LambdaModule, 'invokeForService'>;
  readonly sns: Pick<SnsModule, 'publishForService'>;
  readonly sqs: Pick<SqsModule, 'checkServiceMaySend'>;
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retryAttempts: number;
}

const principal = 'events.amazonaws.com';
/** Codes of errors that would occur again at every attempt. */
const permanentErrors = /^(AccessDenied|.*NotFound|.*DoesNotExist|NonExistentQueue|Validation|UnknownOperation)/;
/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html */
const defaultMaxRetryAttempts = 185;
const defaultMaxEventAgeSeconds = 86_400;
const maxRetryDelaySeconds = 60;
const maxErrorMessageLength = 1000;

/** Delivers events to targets: each with retries until it is too old, then to the target's dead-letter queue. */
export class Delivery {
  readonly #core: CloudCore;
  readonly #services: TargetServices;
  readonly #stopping = new AbortController();

  constructor(core: CloudCore, services: TargetServices) {
    this.#core = core;
    this.#services = services;
  }

  /** Settles when the first attempt has ended, however it ended. Never rejects. */
  start(rule: Rule, target: Target, event: BusEvent): Promise<void> {
    return new Promise((resolve) => {
      this.#deliver(rule, target, event, resolve).catch((error: Error) => {
        if (!this.#stopping.signal.aborted) {
          this.#core.context.log('events', `${rule.name} -> ${target.Arn}: ${error.stack}`);
        }
        resolve();
      });
    });
  }

  stop(): void {
    this.#stopping.abort(new Error('the twin stops'));
  }

  async #deliver(rule: Rule, target: Target, event: BusEvent, onFirstAttemptEnd: () => void): Promise<void> {
    const { context } = this.#core;
    const maxRetryAttempts = target.RetryPolicy?.MaximumRetryAttempts ?? defaultMaxRetryAttempts;
    const maxAgeSeconds = target.RetryPolicy?.MaximumEventAgeInSeconds ?? defaultMaxEventAgeSeconds;
    const deadline = Date.now() + context.time.milliseconds(maxAgeSeconds);
    for (let retryAttempts = 0; ; retryAttempts += 1) {
      try {
        await this.#invoke(rule, target, event);
        return;
      } catch (error) {
        const { code, message } =
          error instanceof ServiceError ? error : { code: 'InternalError', message: `${error}` };
        context.log('events', `${rule.name} -> ${target.Arn}, attempt ${retryAttempts + 1}: ${code}: ${message}`);
        if (permanentErrors.test(code) || retryAttempts >= maxRetryAttempts || Date.now() > deadline) {
          await this.#sendToDeadLetterQueue(rule, target, event, { code, message, retryAttempts });
          return;
        }
      } finally {
        onFirstAttemptEnd();
      }
      await context.time.wait(Math.min(2 ** retryAttempts, maxRetryDelaySeconds), this.#stopping.signal);
    }
  }

  /** @throws ServiceError */
  async #invoke(rule: Rule, target: Target, event: BusEvent): Promise<void> {
    const input = targetInput(rule, target, event);
    const { service } = parseArn(target.Arn);
    switch (service) {
      case 'lambda': {
        const invocation = { functionArn: target.Arn, principal, sourceArn: rule.arn, payload: input };
        await this.#services.lambda.invokeForService(invocation).firstAttempt;
        return;
      }
      case 'states': {
        const execution = { stateMachineArn: target.Arn, name: `${event.id}_${randomUUID()}`, input };
        await this.#core.call('states', 'StartExecution', execution, requiredRole(target));
        return;
      }
      case 'sns': {
        // The subject of messages that come without one.
        const message = { topicArn: target.Arn, subject: 'AWS Notification Message', message: input };
        this.#services.sns.publishForService({ ...message, principal, sourceArn: rule.arn });
        return;
      }
      case 'sqs':
        await this.#sendToQueue(rule, target.Arn, { MessageBody: input });
        return;
      default:
        throw new ServiceError('ValidationException', `the twin has no targets of ${service}`);
    }
  }

  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
  async #sendToDeadLetterQueue(rule: Rule, target: Target, event: BusEvent, failure: Failure): Promise<void> {
    const queueArn = target.DeadLetterConfig?.Arn;
    if (queueArn === undefined) return;
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    await this.#sendToQueue(rule, queueArn, {
      MessageBody: JSON.stringify(event),
      MessageAttributes: {
        RULE_ARN: text(rule.arn),
        TARGET_ARN: text(target.Arn),
        ERROR_CODE: text(failure.code),
        ERROR_MESSAGE: text(failure.message.slice(0, maxErrorMessageLength) || failure.code),
        RETRY_ATTEMPTS: text(String(failure.retryAttempts)),
      },
    });
  }

  async #sendToQueue(rule: Rule, queueArn: string, message: object): Promise<void> {
    this.#services.sqs.checkServiceMaySend({ queueArn, principal, sourceArn: rule.arn });
    await this.#core.call('sqs', 'SendMessage', { QueueUrl: queueUrlOf(queueArn), ...message }, null);
  }
}

/** @throws ServiceError ValidationException */
function requiredRole({ Arn, RoleArn }: Target): string {
  if (RoleArn === undefined) throw new ServiceError('ValidationException', `RoleArn is required for target ${Arn}`);
  return RoleArn;
}
