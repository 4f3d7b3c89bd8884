/** AWS::Events::Rule and AWS::Events::EventBus as the template declares them. */
import { z } from 'zod';
import { arnOf } from '../arns.ts';
import { physicalName } from '../physical-name.ts';
import { jsonDocument, provider, type ResourceProvider } from '../resource.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import { checkPattern } from './pattern-rules.ts';
import { type Rule, targetSchema } from './rule.ts';
import { scheduleSecondsOf } from './schedule.ts';
import { checkTarget } from './target-validation.ts';

export interface RuleStore {
  readonly rules: Rule[];
  /** Names of event buses. */
  readonly buses: Set<string>;
}

const defaultBus = 'default';

export const eventPattern = jsonDocument(z.record(z.string(), z.unknown())).optional();

const ruleProperties = z.object({
  Name: z.string().optional(),
  EventBusName: z.string().default(defaultBus),
  EventPattern: eventPattern,
  ScheduleExpression: z.string().optional(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z.array(targetSchema).default([]),
});

export function createRuleStore(): RuleStore {
  return { rules: [], buses: new Set([defaultBus]) };
}

/** @throws ServiceError ResourceNotFoundException */
export function requireBus({ buses }: RuleStore, name: string): void {
  if (!buses.has(name)) throw new ServiceError('ResourceNotFoundException', `Event bus ${name} does not exist.`);
}

export function eventsProviders(core: CloudCore, store: RuleStore): readonly ResourceProvider[] {
  return [
    provider('AWS::Events::Rule', ruleProperties, ({ logicalId, properties }) => {
      const { EventPattern: pattern, ScheduleExpression, State, Targets: targets } = properties;
      const name = properties.Name ?? physicalName(core.options.stackName, logicalId);
      const busName = busNameOf(properties.EventBusName);
      requireBus(store, busName);
      if (pattern !== undefined) checkPattern(pattern);
      for (const target of targets) checkTarget(target);
      const isOnDefaultBus = busName === defaultBus;
      const arn = eventsArn(core, `rule/${isOnDefaultBus ? '' : `${busName}/`}${name}`);
      store.rules.push({
        name,
        arn,
        busName,
        pattern,
        scheduleSeconds: ScheduleExpression === undefined ? undefined : scheduleSecondsOf(ScheduleExpression),
        isEnabled: State === 'ENABLED',
        targets,
      });
      return { ref: isOnDefaultBus ? name : `${busName}|${name}`, attributes: { Arn: arn } };
    }),

    provider('AWS::Events::EventBus', z.object({ Name: z.string() }), ({ properties: { Name } }) => {
      store.buses.add(Name);
      return { ref: Name, attributes: { Arn: eventsArn(core, `event-bus/${Name}`), Name } };
    }),
  ];
}

export function busNameOf(nameOrArn: string = defaultBus): string {
  return nameOrArn.split('/').at(-1)!;
}

export function eventsArn(core: CloudCore, resource: string): string {
  return arnOf(core, 'events', resource);
}
