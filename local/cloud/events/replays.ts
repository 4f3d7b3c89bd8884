/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_StartReplay.html */
import { z } from 'zod';
import { type Operation, operation } from '../operation.ts';
import { epochSeconds } from '../schema.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import type { Archive } from './archive.ts';
import type { BusEvent, Deliver } from './bus.ts';
import { busNameOf, eventsArn } from './rule-store.ts';

const startReplayInput = z.object({
  ReplayName: z.string(),
  EventSourceArn: z.string(),
  Destination: z.object({ Arn: z.string(), FilterArns: z.array(z.string()).optional() }),
  EventStartTime: epochSeconds,
  EventEndTime: epochSeconds,
});

/** The structure that DescribeReplay returns. */
interface Replay extends z.output<typeof startReplayInput> {
  readonly ReplayArn: string;
  readonly ReplayStartTime: Date;
  State: 'RUNNING' | 'COMPLETED';
  EventLastReplayedTime?: Date;
  ReplayEndTime?: Date;
}

export function createReplays(
  core: CloudCore,
  archives: ReadonlyMap<string, Archive>,
  deliver: Deliver,
): { readonly operations: Readonly<Record<string, Operation>> } {
  const replays = new Map<string, Replay>();

  const startReplay = operation(startReplayInput, (input) => {
    const archive = [...archives.values()].find(({ arn }) => arn === input.EventSourceArn);
    if (archive === undefined) throw notFound(`Archive ${input.EventSourceArn} does not exist.`);
    if (replays.has(input.ReplayName)) {
      throw new ServiceError('ResourceAlreadyExistsException', `Replay ${input.ReplayName} already exists.`);
    }
    if (busNameOf(input.Destination.Arn) !== archive.busName) {
      throw invalid('Destination.Arn', 'Must be the event bus of the archive.');
    }
    if (input.EventStartTime >= input.EventEndTime) {
      throw invalid('EventEndTime', 'EventStartTime must be before EventEndTime.');
    }
    const replay: Replay = {
      ...input,
      ReplayArn: eventsArn(core, `replay/${input.ReplayName}`),
      ReplayStartTime: new Date(),
      State: 'RUNNING',
    };
    replays.set(input.ReplayName, replay);
    void run(replay, archive);
    return { ReplayArn: replay.ReplayArn, State: 'STARTING', ReplayStartTime: replay.ReplayStartTime };
  });

  /** In the order of the events' times; those of one second in any order. */
  async function run(replay: Replay, archive: Archive): Promise<void> {
    const events = archive.events.filter(({ time }) => isWithin(replay, time));
    for (const event of events.sort((a, b) => a.time.localeCompare(b.time))) {
      const replayed: BusEvent = { ...event, 'replay-name': replay.ReplayName };
      await deliver(replayed, archive.busName, replay.Destination.FilterArns);
      replay.EventLastReplayedTime = new Date(event.time);
    }
    replay.State = 'COMPLETED';
    replay.ReplayEndTime = new Date();
  }

  return {
    operations: {
      StartReplay: startReplay,
      DescribeReplay: operation(z.object({ ReplayName: z.string() }), ({ ReplayName }) => {
        const replay = replays.get(ReplayName);
        if (replay === undefined) throw notFound(`Replay ${ReplayName} does not exist.`);
        return { ...replay };
      }),
    },
  };
}

function isWithin({ EventStartTime, EventEndTime }: Replay, time: string): boolean {
  const milliseconds = Date.parse(time);
  return milliseconds >= EventStartTime.getTime() && milliseconds < EventEndTime.getTime();
}

function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message);
}

function invalid(parameter: string, reason: string): ServiceError {
  return new ServiceError('ValidationException', `Parameter ${parameter} is not valid. Reason: ${reason}`);
}
