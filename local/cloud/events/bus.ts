/** Events, and the way they take from the services of the twin to the rules of EventBridge. */
import { randomUUID } from 'node:crypto';
import type { Account } from '../arns.ts';

/** An event as targets get it. https://docs.aws.amazon.com/eventbridge/latest/ref/overview-event-structure.html */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, whole seconds */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
  /** Only on an event that a replay has put on the bus again. */
  readonly 'replay-name'?: string;
}

export interface EventDetails {
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
  /** @default now */
  readonly time?: Date;
}

/**
 * Hands an event to the rules of a bus. Settles when each matching target has had its first attempt. Never rejects.
 * @param ruleArns only these rules @default every rule of the bus
 */
export type Deliver = (event: BusEvent, busName: string, ruleArns?: readonly string[]) => Promise<void>;

/** The default event bus, on which AWS services put their events; the events module connects itself as the receiver. */
export class EventBus {
  readonly #account: Account;
  #deliver: Deliver = async () => {};

  constructor(account: Account) {
    this.#account = account;
  }

  connect(deliver: Deliver): void {
    this.#deliver = deliver;
  }

  /** Puts an event of an AWS service on the bus. Settles as `Deliver` does. */
  async publish(event: EventDetails & { readonly source: `aws.${string}` }): Promise<void> {
    await this.#deliver(createEvent(this.#account, event), 'default');
  }
}

export function createEvent({ accountId, region }: Account, event: EventDetails): BusEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': event.detailType,
    source: event.source,
    account: accountId,
    time: `${(event.time ?? new Date()).toISOString().slice(0, 19)}Z`,
    region,
    resources: event.resources,
    detail: event.detail,
  };
}
