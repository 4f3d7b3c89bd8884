import { type Input, parseInput } from '../operation.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import { createArchives } from './archives.ts';
import { type BusEvent, createEvent, type Deliver } from './bus.ts';
import { Delivery, type TargetServices } from './delivery.ts';
import { matchesEvent } from './pattern.ts';
import { putEventsInput, putEventsOperation } from './put-events.ts';
import type { Rule } from './rule.ts';
import { busNameOf, createRuleStore, eventsArn, eventsProviders } from './rule-store.ts';

/** EventBridge: buses with archives, rules with patterns and schedules, delivery to Lambda, Step Functions and SQS. */
export function createEventsModule(core: CloudCore, services: TargetServices): CloudModule {
  const store = createRuleStore();
  const delivery = new Delivery(core, services);
  const timers = new Set<NodeJS.Timeout>();

  async function deliverToTargets(rule: Rule, event: BusEvent): Promise<void> {
    await Promise.all(rule.targets.map((target) => delivery.start(rule, target, event)));
  }

  const deliver: Deliver = async (event, busName, ruleArns) => {
    archives.add(event, busName);
    const matching = store.rules.filter(
      (rule) =>
        rule.isEnabled &&
        rule.busName === busName &&
        rule.pattern !== undefined &&
        (ruleArns?.includes(rule.arn) ?? true) &&
        matchesEvent(rule.pattern, event),
    );
    await Promise.all(matching.map((rule) => deliverToTargets(rule, event)));
  };
  const archives = createArchives(core, store, deliver);
  core.eventBus.connect(deliver);

  const stops: (() => void)[] = [];

  function startSchedule(rule: Rule, intervalSeconds: number): void {
    let isRunning = false;
    const tick = async () => {
      // In scaled time the next run may be due before the last one has ended. On AWS the minutes between them prevent that.
      if (isRunning) return;
      isRunning = true;
      const details = { source: 'aws.events', detailType: 'Scheduled Event', resources: [rule.arn], detail: {} };
      await deliverToTargets(rule, createEvent(core, details));
      isRunning = false;
    };
    timers.add(setInterval(tick, core.context.time.milliseconds(intervalSeconds)));
    // A moved clock has passed the times at which it was due: it runs once for all of them.
    stops.push(
      core.context.time.onMoved((seconds) => {
        if (seconds >= intervalSeconds && !core.context.faults.take('schedule-missed', rule.name)) void tick();
      }),
    );
  }

  return {
    services: [
      {
        name: 'events',
        operations: { PutEvents: putEventsOperation(core, deliver), ...archives.operations },
        resourcesOf: (operation, input) => resourcesOf(core, operation, input),
      },
    ],
    providers: [...eventsProviders(core, store), archives.provider],
    async start() {
      for (const rule of store.rules) {
        if (rule.isEnabled && rule.scheduleSeconds !== undefined) startSchedule(rule, rule.scheduleSeconds);
      }
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      for (const stop of stops) stop();
      delivery.stop();
    },
  };
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html */
function resourcesOf(core: CloudCore, operation: string, input: Input): readonly string[] {
  switch (operation) {
    case 'PutEvents': {
      const { Entries } = parseInput('events', putEventsInput, input);
      return Entries.map(({ EventBusName }) => eventsArn(core, `event-bus/${busNameOf(EventBusName)}`));
    }
    case 'StartReplay':
      return [String(input['EventSourceArn'])];
    case 'DescribeReplay':
      return [eventsArn(core, `replay/${input['ReplayName']}`)];
    default:
      return [eventsArn(core, `archive/${input['ArchiveName']}`)];
  }
}
