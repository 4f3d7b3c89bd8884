/**
 * Writes the JSON Schemas of the events into workloads/shared/events/event-schemas, for consumers in other languages.
 *
 * usage: node workloads/shared/events/event-schema-files.ts
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { analysisEvent, eventSchemas, meteringEvent } from './events.ts';

export const eventSchemasFolder = join(import.meta.dirname, 'event-schemas');

const schemas = { ...eventSchemas, MeteringEvent: meteringEvent, AnalysisEvent: analysisEvent };

/** File name (such as PredictionCompleted.v1.json) -> its text: an event's detail on the bus, or a consumer's message. */
export function eventSchemaFiles(): ReadonlyMap<string, string> {
  const entries = Object.entries(schemas).map(([type, schema]): [string, string] => {
    const jsonSchema = { title: `${type} v1`, ...z.toJSONSchema(schema) };
    return [`${type}.v1.json`, `${JSON.stringify(jsonSchema, undefined, 2)}\n`];
  });
  return new Map(entries);
}

if (import.meta.main) {
  for (const [name, text] of eventSchemaFiles()) await writeFile(join(eventSchemasFolder, name), text);
}
