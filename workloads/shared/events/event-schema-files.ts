/**
 * Writes the JSON Schemas of the events, for readers that are not TypeScript, into workloads/shared/event-schemas.
 *
 * usage: node workloads/shared/event-schema-files.ts
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { analysisEvent, eventSchemas, meteringEvent } from './events.ts';

export const eventSchemasFolder = join(import.meta.dirname, 'event-schemas');

const schemas = { ...eventSchemas, MeteringEvent: meteringEvent, AnalysisEvent: analysisEvent };

/** Text by file name, e.g. PredictionCompleted.v1.json: the detail of that event, or what a consumer gets. */
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
