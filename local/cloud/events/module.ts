import type { CloudCore, CloudModule, Operation, ServiceRequest } from '../service.ts';
import { type BusEvent, connectBus, type Deliver, makeEvent } from './bus.ts';
import { createDelivery } from './delivery.ts';
import { matchesEvent } from './pattern.ts';
import { createRuleStore, eventsArn, eventsProviders, type Rule } from './rules.ts';

/** EventBridge: buses, rules with patterns and schedules, delivery to Lambda, Step Functions and SQS. */
export function createEventsModule(core: CloudCore): CloudModule {
  const store = createRuleStore();
  const delivery = createDelivery(core);
  const timers = new Set<NodeJS.Timeout>();

  async function toTargets(rule: Rule, event: BusEvent): Promise<void> {
    await Promise.all(rule.targets.map((target) => delivery.start(rule, target, event)));
  }

  const receive: Deliver = async (event, busName) => {
    const matching = store.rules.filter(
      (rule) =>
        rule.enabled && rule.busName === busName && rule.pattern !== undefined && matchesEvent(rule.pattern, event),
    );
    await Promise.all(matching.map((rule) => toTargets(rule, event)));
  };
  connectBus(core, receive);

  function startSchedule(rule: Rule, everySeconds: number): void {
    let underWay = false;
    const tick = async () => {
      // In scaled time the next run may be due before the last one has ended, which AWS's minutes never let happen.
      if (underWay) return;
      underWay = true;
      const about = { source: 'aws.events', detailType: 'Scheduled Event', resources: [rule.arn], detail: {} };
      await toTargets(rule, makeEvent(core, about));
      underWay = false;
    };
    timers.add(setInterval(tick, core.context.time.milliseconds(everySeconds)));
  }

  const putEvents: Operation = async ({ Entries }, request) => {
    // biome-ignore lint/suspicious/noExplicitAny: an entry of the operation's documented input
    const results = Entries.map((entry: any) => putEvent(core, entry, request, receive));
    return {
      FailedEntryCount: results.filter(({ ErrorCode }: { ErrorCode?: string }) => ErrorCode).length,
      Entries: results,
    };
  };

  return {
    services: [
      {
        name: 'events',
        operations: { PutEvents: putEvents },
        // biome-ignore lint/suspicious/noExplicitAny: an entry of the operation's documented input
        resourcesOf: (_operation, { Entries }: any) =>
          (Entries ?? []).map((entry: { EventBusName?: string }) => eventsArn(core, `event-bus/${busNameOf(entry)}`)),
      },
    ],
    providers: eventsProviders(core, store),
    async start() {
      for (const rule of store.rules) {
        if (rule.enabled && rule.everySeconds !== undefined) startSchedule(rule, rule.everySeconds);
      }
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      delivery.stop();
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: an entry of the operation's documented input
function putEvent(core: CloudCore, entry: any, { caller }: ServiceRequest, receive: Deliver) {
  const missing = ['Source', 'DetailType', 'Detail'].find((member) => !entry[member]);
  if (missing !== undefined) {
    return {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`,
    };
  }
  if (String(entry.Source).startsWith('aws.') && caller.principal.kind === 'role') {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  let detail: Record<string, unknown>;
  try {
    detail = JSON.parse(entry.Detail);
  } catch {
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  }
  const event = makeEvent(core, {
    source: entry.Source,
    detailType: entry.DetailType,
    resources: entry.Resources ?? [],
    detail,
    ...(entry.Time === undefined ? {} : { time: new Date(Number(entry.Time) * 1000) }),
  });
  void receive(event, busNameOf(entry));
  return { EventId: event.id };
}

function busNameOf({ EventBusName = 'default' }: { EventBusName?: string }): string {
  return EventBusName.split('/').at(-1)!;
}
