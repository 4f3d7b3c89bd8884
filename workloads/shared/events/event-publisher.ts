import { setTimeout as wait } from 'node:timers/promises';
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { abortOptions } from '../service/aws.ts';
import { type EventDetail, type EventType, eventSchemas } from './events.ts';

/** The bus refused the event; `code` is EventBridge's. Publishing it again is safe, because its id stays the same. */
export class EventNotPublishedError extends Error {
  override readonly name = 'EventNotPublishedError';
  readonly code: string;

  constructor(type: EventType, code: string, message: string) {
    super(`the bus did not take ${type}: ${code}: ${message}`);
    this.code = code;
  }
}

export type PublishEvent = <Type extends EventType>(
  type: Type,
  detail: EventDetail<Type>,
  signal?: AbortSignal,
) => Promise<void>;

/** Error codes of an entry that are worth another attempt. */
const transientCodes = new Set(['ThrottlingException', 'InternalFailure', 'InternalException', 'ServiceUnavailable']);
const maxAttempts = 4;
const firstPauseMilliseconds = 100;

/**
 * Checks events against their schemas and puts them on the bus. PutEvents answers 200 even when it takes no entry; the
 * client does not retry that, so it is done here.
 * @throws EventNotPublishedError, or the client's error after its own retries
 */
export function createEventPublisher(options: {
  readonly client: EventBridgeClient;
  readonly busName: string;
  readonly source: 'stepkube.yolo5' | 'stepkube.polybot';
}): PublishEvent {
  const { client, busName, source } = options;
  return async (type, detail, signal) => {
    const entry = {
      EventBusName: busName,
      Source: source,
      DetailType: type,
      Detail: JSON.stringify(eventSchemas[type].parse(detail)),
    };
    for (let attempt = 1; ; attempt += 1) {
      const command = new PutEventsCommand({ Entries: [entry] });
      const { FailedEntryCount, Entries } = await client.send(command, abortOptions(signal));
      if (FailedEntryCount === 0) return;
      const { ErrorCode: code = 'Unknown', ErrorMessage: message = 'no reason given' } = Entries?.[0] ?? {};
      if (attempt === maxAttempts || !transientCodes.has(code)) throw new EventNotPublishedError(type, code, message);
      await wait(firstPauseMilliseconds * 2 ** (attempt - 1), undefined, signal === undefined ? {} : { signal });
    }
  };
}
