/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
import { z } from 'zod';
import { type Operation, operation } from '../operation.ts';
import { epochSeconds } from '../schema.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import { createEvent, type Deliver } from './bus.ts';
import { busNameOf } from './rule-store.ts';

const maxEntries = 10;
/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const maxBytes = 262_144;
const timeBytes = 14;
const entriesLength = `Member must have length between 1 and ${maxEntries}`;

/** Members that are required are optional here: an entry without them fails alone. */
const entry = z.object({
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  EventBusName: z.string().optional(),
  Resources: z.array(z.string()).default([]),
  Time: epochSeconds.optional(),
});

export const putEventsInput = z.object({
  Entries: z.array(entry).min(1, { error: entriesLength }).max(maxEntries, { error: entriesLength }),
});

type Entry = z.output<typeof entry>;
type EntryResult = { readonly EventId: string } | { readonly ErrorCode: string; readonly ErrorMessage: string };

export function putEventsOperation(core: CloudCore, deliver: Deliver): Operation {
  return operation(putEventsInput, ({ Entries }) => {
    const bytes = Entries.reduce((sum, one) => sum + sizeOf(one), 0);
    if (bytes > maxBytes)
      throw new ServiceError('ValidationException', 'Total size of the entries in the request is over the limit.');
    const results = Entries.map((one) => putEvent(core, deliver, one));
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  });
}

function putEvent(core: CloudCore, deliver: Deliver, entry: Entry): EntryResult {
  const { Source: source, DetailType: detailType, Detail } = entry;
  if (!source) return missing('Source');
  if (!detailType) return missing('DetailType');
  if (!Detail) return missing('Detail');
  if (source.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  const detail = parseDetail(Detail);
  if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  const time = entry.Time === undefined ? {} : { time: entry.Time };
  const event = createEvent(core, { source, detailType, resources: entry.Resources, detail, ...time });
  void deliver(event, busNameOf(entry.EventBusName));
  return { EventId: event.id };
}

/** As EventBridge reckons the size of an entry. */
function sizeOf({ Source = '', DetailType = '', Detail = '', Resources, Time }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return (Time === undefined ? 0 : timeBytes) + texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function missing(member: string): EntryResult {
  const ErrorMessage = `Parameter ${member} is not valid. Reason: ${member} is a required argument.`;
  return { ErrorCode: 'InvalidArgument', ErrorMessage };
}

/** @returns undefined for a text that is not a JSON object */
function parseDetail(text: string): Record<string, unknown> | undefined {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
