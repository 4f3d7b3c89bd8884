import { type CloudCore, type CloudModule, type Operation, ServiceError, type ServiceRequest } from '../service.ts';
import { createArchives } from './archives.ts';
import { type BusEvent, connectBus, type Deliver, makeEvent } from './bus.ts';
import { createDelivery } from './delivery.ts';
import { matchesEvent } from './pattern.ts';
import type { Rule } from './rule.ts';
import { busNameOf, createRuleStore, eventsArn, eventsProviders } from './rules.ts';

const mostEntries = 10;

/** EventBridge: buses with archives, rules with patterns and schedules, delivery to Lambda, Step Functions and SQS. */
export function createEventsModule(core: CloudCore): CloudModule {
  const store = createRuleStore();
  const delivery = createDelivery(core);
  const timers = new Set<NodeJS.Timeout>();

  async function toTargets(rule: Rule, event: BusEvent): Promise<void> {
    await Promise.all(rule.targets.map((target) => delivery.start(rule, target, event)));
  }

  const receive: Deliver = async (event, busName, ruleArns) => {
    archives.keep(event, busName);
    const matching = store.rules.filter(
      (rule) =>
        rule.enabled &&
        rule.busName === busName &&
        rule.pattern !== undefined &&
        (ruleArns?.includes(rule.arn) ?? true) &&
        matchesEvent(rule.pattern, event),
    );
    await Promise.all(matching.map((rule) => toTargets(rule, event)));
  };
  const archives = createArchives(core, store, receive);
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
    if (!Array.isArray(Entries) || Entries.length < 1 || Entries.length > mostEntries) {
      throw new ServiceError(
        'ValidationException',
        `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${mostEntries}`,
      );
    }
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
        operations: { PutEvents: putEvents, ...archives.operations },
        // biome-ignore lint/suspicious/noExplicitAny: an entry of the operation's documented input
        resourcesOf: (operation, { Entries, EventSourceArn, ArchiveName, ReplayName }: any) => {
          if (operation === 'PutEvents') {
            return (Entries ?? []).map((entry: { EventBusName?: string }) =>
              eventsArn(core, `event-bus/${busNameOf(entry.EventBusName)}`),
            );
          }
          if (operation === 'StartReplay') return [EventSourceArn];
          return [eventsArn(core, ArchiveName === undefined ? `replay/${ReplayName}` : `archive/${ArchiveName}`)];
        },
      },
    ],
    providers: [...eventsProviders(core, store), { type: 'AWS::Events::Archive', create: archives.create }],
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
  void receive(event, busNameOf(entry.EventBusName));
  return { EventId: event.id };
}
