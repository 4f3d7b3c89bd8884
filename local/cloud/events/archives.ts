/** Archives keep the events of a bus; a replay puts them on the bus again. */
import { z } from 'zod';
import { type Operation, operation } from '../operation.ts';
import { physicalName } from '../physical-name.ts';
import { provider, type ResourceProvider } from '../resource.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import type { Archive } from './archive.ts';
import type { BusEvent, Deliver } from './bus.ts';
import { matchesEvent } from './pattern.ts';
import { checkPattern } from './pattern-rules.ts';
import { createReplays } from './replays.ts';
import { busNameOf, eventPattern, eventsArn, type RuleStore, requireBus } from './rule-store.ts';

export interface Archives {
  readonly provider: ResourceProvider;
  readonly operations: Readonly<Record<string, Operation>>;
  /** Adds an event to the archives of its bus. */
  add(event: BusEvent, busName: string): void;
}

const millisecondsPerDay = 86_400_000;
const maxArchiveNameLength = 48;

const archiveProperties = z.object({
  ArchiveName: z.string().optional(),
  SourceArn: z.string(),
  EventPattern: eventPattern,
  RetentionDays: z.coerce
    .number()
    .int({ error: 'must be a whole number of days, 0 to keep events indefinitely' })
    .min(0)
    .default(0),
});

export function createArchives(core: CloudCore, rules: RuleStore, deliver: Deliver): Archives {
  const archives = new Map<string, Archive>();
  const replays = createReplays(core, archives, deliver);

  return {
    provider: provider('AWS::Events::Archive', archiveProperties, ({ logicalId, properties }) => {
      const { SourceArn, EventPattern: pattern, RetentionDays: retentionDays } = properties;
      const name = properties.ArchiveName ?? physicalName(core.options.stackName, logicalId, maxArchiveNameLength);
      const busName = busNameOf(SourceArn);
      requireBus(rules, busName);
      if (pattern !== undefined) checkPattern(pattern);
      const arn = eventsArn(core, `archive/${name}`);
      archives.set(name, { name, arn, busName, pattern, retentionDays, events: [] });
      return { ref: name, attributes: { Arn: arn, ArchiveName: name } };
    }),

    add(event, busName) {
      // A replayed event is in the archive already.
      if (event['replay-name'] !== undefined) return;
      for (const archive of archives.values()) {
        const isSelected = archive.pattern === undefined || matchesEvent(archive.pattern, event);
        if (archive.busName !== busName || !isSelected) continue;
        const oldest = archive.retentionDays === 0 ? 0 : Date.now() - archive.retentionDays * millisecondsPerDay;
        archive.events = archive.events.filter(({ time }) => Date.parse(time) >= oldest);
        archive.events.push(event);
      }
    },

    operations: {
      DescribeArchive: operation(z.object({ ArchiveName: z.string() }), ({ ArchiveName }) => {
        const archive = archives.get(ArchiveName);
        if (archive === undefined) {
          throw new ServiceError('ResourceNotFoundException', `Archive ${ArchiveName} does not exist.`);
        }
        return {
          ArchiveArn: archive.arn,
          ArchiveName,
          EventSourceArn: eventsArn(core, `event-bus/${archive.busName}`),
          ...(archive.pattern === undefined ? {} : { EventPattern: JSON.stringify(archive.pattern) }),
          State: 'ENABLED',
          RetentionDays: archive.retentionDays,
          EventCount: archive.events.length,
        };
      }),
      ...replays.operations,
    },
  };
}
