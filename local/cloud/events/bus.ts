/** Where the twin's own services put their events; the events module connects itself as the receiver. */
import { randomUUID } from 'node:crypto';
import type { CloudCore } from '../service.ts';

/** An event as targets get it. */
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
  /** Only on an event that a replay put on the bus again. */
  readonly 'replay-name'?: string;
}

/**
 * Settles when each matching target has made its first attempt. Never rejects.
 * @param ruleArns only these rules @default all of the bus
 */
export type Deliver = (event: BusEvent, busName: string, ruleArns?: readonly string[]) => Promise<void>;

const receivers = new WeakMap<CloudCore, Deliver>();

export function connectBus(core: CloudCore, deliver: Deliver): void {
  receivers.set(core, deliver);
}

/** Puts an event of an AWS service on the default bus. Settles as `Deliver` does. */
export async function publishAwsEvent(
  core: CloudCore,
  event: {
    readonly source: `aws.${string}`;
    readonly detailType: string;
    readonly resources: readonly string[];
    readonly detail: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  const { source, detailType, resources, detail } = event;
  await receivers.get(core)?.(makeEvent(core, { source, detailType, resources, detail }), 'default');
}

export function makeEvent(
  core: CloudCore,
  event: {
    readonly source: string;
    readonly detailType: string;
    readonly resources: readonly string[];
    readonly detail: Readonly<Record<string, unknown>>;
    readonly time?: Date;
  },
): BusEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': event.detailType,
    source: event.source,
    account: core.accountId,
    time: `${(event.time ?? new Date()).toISOString().slice(0, 19)}Z`,
    region: core.region,
    resources: event.resources,
    detail: event.detail,
  };
}
