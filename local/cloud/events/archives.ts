/** Archives: what came to a bus, kept for its retention, and put on the bus again by a replay. */
import { physicalName } from '../physical-name.ts';
import { type CloudCore, type Operation, ServiceError, type TemplateResource } from '../service.ts';
import type { BusEvent, Deliver } from './bus.ts';
import { checkPattern, matchesEvent, type Pattern } from './pattern.ts';
import { busNameOf, eventsArn, type RuleStore } from './rules.ts';

interface Archive {
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  readonly pattern: Pattern | undefined;
  /** 0: for ever. */
  readonly retentionDays: number;
  events: BusEvent[];
}

interface Replay {
  readonly ReplayName: string;
  readonly ReplayArn: string;
  readonly EventSourceArn: string;
  readonly Destination: { readonly Arn: string; readonly FilterArns?: readonly string[] };
  readonly EventStartTime: Date;
  readonly EventEndTime: Date;
  readonly ReplayStartTime: Date;
  State: 'RUNNING' | 'COMPLETED';
  EventLastReplayedTime?: Date;
  ReplayEndTime?: Date;
}

const millisecondsPerDay = 86_400_000;

export interface Archives {
  create(resource: TemplateResource): { readonly ref: string; readonly attributes: Readonly<Record<string, string>> };
  keep(event: BusEvent, busName: string): void;
  readonly operations: Readonly<Record<'DescribeArchive' | 'StartReplay' | 'DescribeReplay', Operation>>;
}

export function createArchives(core: CloudCore, store: RuleStore, deliver: Deliver): Archives {
  const archives = new Map<string, Archive>();
  const replays = new Map<string, Replay>();

  const startReplay: Operation = async (input) => {
    const { ReplayName, EventSourceArn, Destination } = input;
    const archive = [...archives.values()].find(({ arn }) => arn === EventSourceArn);
    if (archive === undefined) throw notFound(`Archive ${EventSourceArn} does not exist.`);
    if (replays.has(ReplayName)) {
      throw new ServiceError('ResourceAlreadyExistsException', `Replay ${ReplayName} already exists.`);
    }
    if (busNameOf(Destination.Arn) !== archive.busName) {
      const message = 'Parameter Destination.Arn is not valid. Reason: Must be the event bus of the archive.';
      throw new ServiceError('ValidationException', message);
    }
    const [from, to] = [Number(input.EventStartTime) * 1000, Number(input.EventEndTime) * 1000];
    if (!(from < to)) {
      const message = 'Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.';
      throw new ServiceError('ValidationException', message);
    }
    const replay: Replay = {
      ReplayName,
      ReplayArn: eventsArn(core, `replay/${ReplayName}`),
      EventSourceArn,
      Destination,
      EventStartTime: new Date(from),
      EventEndTime: new Date(to),
      ReplayStartTime: new Date(),
      State: 'RUNNING',
    };
    replays.set(ReplayName, replay);
    const events = archive.events.filter(({ time }) => Date.parse(time) >= from && Date.parse(time) < to);
    void runReplay(replay, events, archive.busName);
    const { ReplayArn, ReplayStartTime } = replay;
    return { ReplayArn, State: 'STARTING', ReplayStartTime };
  };

  /** In the order of the minutes in which the events were put; within a minute in any order. */
  async function runReplay(replay: Replay, events: readonly BusEvent[], busName: string): Promise<void> {
    for (const event of [...events].sort((a, b) => a.time.localeCompare(b.time))) {
      await deliver({ ...event, 'replay-name': replay.ReplayName }, busName, replay.Destination.FilterArns);
      replay.EventLastReplayedTime = new Date(event.time);
    }
    replay.State = 'COMPLETED';
    replay.ReplayEndTime = new Date();
  }

  return {
    create({ logicalId, properties }) {
      const name: string = properties.ArchiveName ?? physicalName(core.options.stackName, logicalId, 48);
      const busName = busNameOf(properties.SourceArn);
      if (!store.buses.has(busName)) throw notFound(`Event bus ${busName} does not exist.`);
      const retentionDays = Number(properties.RetentionDays ?? 0);
      if (!Number.isInteger(retentionDays) || retentionDays < 0) {
        throw new Error(`RetentionDays: ${properties.RetentionDays} must be a whole number of days, 0 for ever`);
      }
      const pattern: Pattern | undefined = properties.EventPattern;
      if (pattern !== undefined) checkPattern(pattern);
      const arn = eventsArn(core, `archive/${name}`);
      archives.set(name, { name, arn, busName, pattern, retentionDays, events: [] });
      return { ref: name, attributes: { Arn: arn, ArchiveName: name } };
    },
    keep(event, busName) {
      // What is replayed is in the archive already.
      if (event['replay-name'] !== undefined) return;
      for (const archive of archives.values()) {
        if (archive.busName !== busName || !(archive.pattern === undefined || matchesEvent(archive.pattern, event))) {
          continue;
        }
        const oldest = archive.retentionDays === 0 ? 0 : Date.now() - archive.retentionDays * millisecondsPerDay;
        archive.events = archive.events.filter(({ time }) => Date.parse(time) >= oldest);
        archive.events.push(event);
      }
    },
    operations: {
      DescribeArchive: async ({ ArchiveName }) => {
        const archive = archives.get(ArchiveName);
        if (archive === undefined) throw notFound(`Archive ${ArchiveName} does not exist.`);
        return {
          ArchiveArn: archive.arn,
          ArchiveName,
          EventSourceArn: eventsArn(core, `event-bus/${archive.busName}`),
          ...(archive.pattern === undefined ? {} : { EventPattern: JSON.stringify(archive.pattern) }),
          State: 'ENABLED',
          RetentionDays: archive.retentionDays,
          EventCount: archive.events.length,
        };
      },
      StartReplay: startReplay,
      DescribeReplay: async ({ ReplayName }) => {
        const replay = replays.get(ReplayName);
        if (replay === undefined) throw notFound(`Replay ${ReplayName} does not exist.`);
        return { ...replay };
      },
    },
  };
}

function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message);
}
