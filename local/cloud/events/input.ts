/**
 * What a target gets for an event: all of it, a part, a constant, or the result of an input transformer.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
import type { BusEvent } from './bus.ts';
import { valueAt } from './json-path.ts';
import type { Rule, Target } from './rule.ts';

/** @returns JSON text; for a template of several quoted lines plain text */
export function targetInput(rule: Rule, { Input, InputPath, InputTransformer }: Target, event: BusEvent): string {
  if (Input !== undefined) return Input;
  if (InputPath !== undefined) return JSON.stringify(valueAt(event, InputPath) ?? null);
  if (InputTransformer === undefined) return JSON.stringify(event);
  const paths = Object.entries(InputTransformer.InputPathsMap ?? {});
  const variables = new Map<string, unknown>(paths.map(([name, path]) => [name, valueAt(event, path)]));
  for (const [name, value] of reservedVariables(rule, event)) variables.set(name, value);
  return fill(InputTransformer.InputTemplate, variables);
}

/** Variables that exist without an entry in InputPathsMap. */
function reservedVariables(rule: Rule, event: BusEvent): readonly (readonly [string, unknown])[] {
  const { detail, ...withoutDetail } = event;
  return [
    ['aws.events.rule-arn', rule.arn],
    ['aws.events.rule-name', rule.name],
    ['aws.events.event.ingestion-time', event.time],
    ['aws.events.event', withoutDetail],
    ['aws.events.event.json', event],
  ];
}

/** Replaces variables: inside of quotes by text, elsewhere by a JSON value. */
function fill(template: string, variables: ReadonlyMap<string, unknown>): string {
  const isText = template.trimStart().startsWith('"');
  let quoted = false;
  const filled = template.replaceAll(/\\.|"|<([\w.-]+)>/gs, (match, name: string | undefined) => {
    if (match === '"') quoted = !quoted;
    if (name === undefined || !variables.has(name)) return match;
    // A variable whose path is not in the event is not created; its place stays empty.
    const value = variables.get(name) ?? '';
    return quoted ? asText(value) : JSON.stringify(value);
  });
  // A template of several quoted lines gives a target as many lines of text.
  return isText ? filled : compact(filled);
}

/** Objects and arrays lose their quotes inside of a text. */
function asText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value).replaceAll('"', '');
  return JSON.stringify(text).slice(1, -1);
}

function compact(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return JSON.stringify(text);
  }
}
