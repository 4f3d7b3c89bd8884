/** AWS::Events::Rule and EventBus as the template declares them. */
import { physicalName } from '../physical-name.ts';
import { type CloudCore, type ResourceProvider, ServiceError, type TemplateResource } from '../service.ts';
import { checkTarget } from './check-target.ts';
import { checkPattern, type Pattern } from './pattern.ts';
import type { Rule, Target } from './rule.ts';
import { scheduleSeconds } from './schedule.ts';

export interface RuleStore {
  readonly rules: Rule[];
  readonly buses: Set<string>;
}

export function createRuleStore(): RuleStore {
  return { rules: [], buses: new Set(['default']) };
}

export function eventsProviders(core: CloudCore, store: RuleStore): readonly ResourceProvider[] {
  return [
    { type: 'AWS::Events::Rule', create: (resource) => createRule(core, store, resource) },
    { type: 'AWS::Events::EventBus', create: (resource) => createBus(core, store, resource) },
  ];
}

function createRule(core: CloudCore, store: RuleStore, { logicalId, properties }: TemplateResource) {
  const name: string = properties.Name ?? physicalName(core.options.stackName, logicalId);
  const busName = busNameOf(properties.EventBusName);
  if (!store.buses.has(busName)) {
    throw new ServiceError('ResourceNotFoundException', `Event bus ${busName} does not exist.`);
  }
  const onDefault = busName === 'default';
  const arn = eventsArn(core, `rule/${onDefault ? '' : `${busName}/`}${name}`);
  const pattern: Pattern | undefined =
    typeof properties.EventPattern === 'string' ? JSON.parse(properties.EventPattern) : properties.EventPattern;
  if (pattern !== undefined) checkPattern(pattern);
  const targets: readonly Target[] = properties.Targets ?? [];
  for (const target of targets) checkTarget(target);
  store.rules.push({
    name,
    arn,
    busName,
    pattern,
    everySeconds: properties.ScheduleExpression && scheduleSeconds(properties.ScheduleExpression),
    enabled: properties.State !== 'DISABLED',
    targets,
  });
  return { ref: onDefault ? name : `${busName}|${name}`, attributes: { Arn: arn } };
}

function createBus(core: CloudCore, store: RuleStore, { properties }: TemplateResource) {
  store.buses.add(properties.Name);
  const attributes = { Arn: eventsArn(core, `event-bus/${properties.Name}`), Name: properties.Name };
  return { ref: properties.Name, attributes };
}

/** A bus by its name or ARN. */
export function busNameOf(nameOrArn = 'default'): string {
  return nameOrArn.split('/').at(-1)!;
}

export function eventsArn(core: CloudCore, resource: string): string {
  return `arn:aws:events:${core.region}:${core.accountId}:${resource}`;
}
