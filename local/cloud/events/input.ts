/**
 * What a target gets of an event: all of it, a part, a constant, or a transformed text.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
import type { BusEvent } from './bus.ts';
import type { Rule, Target } from './rules.ts';

/** @returns JSON text */
export function targetInput(rule: Rule, { Input, InputPath, InputTransformer }: Target, event: BusEvent): string {
  if (Input !== undefined) return Input;
  if (InputPath !== undefined) return JSON.stringify(valueAt(event, InputPath) ?? null);
  if (InputTransformer === undefined) return JSON.stringify(event);
  const paths = Object.entries(InputTransformer.InputPathsMap ?? {});
  const variables = new Map<string, unknown>(paths.map(([name, path]) => [name, valueAt(event, path)]));
  for (const [name, value] of reservedVariables(rule, event)) variables.set(name, value);
  return fill(InputTransformer.InputTemplate, variables);
}

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

/** Inside quotes a variable is text; elsewhere it is a JSON value. Everything else stays as it is. */
function fill(template: string, variables: ReadonlyMap<string, unknown>): string {
  const isText = template.trimStart().startsWith('"');
  let quoted = false;
  const filled = template.replaceAll(/\\.|"|<([\w.-]+)>/gs, (match, name: string | undefined) => {
    if (match === '"') quoted = !quoted;
    if (name === undefined || !variables.has(name)) return match;
    const value = variables.get(name);
    if (!quoted) return JSON.stringify(value ?? null);
    const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
    return JSON.stringify(text).slice(1, -1);
  });
  // A template of several quoted lines gives a target as many lines of text.
  return isText ? filled : compact(filled);
}

function compact(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return JSON.stringify(text);
  }
}

/** `$.detail.list[0].name` or `$['detail']`; undefined where the event has nothing. */
export function valueAt(event: unknown, path: string): unknown {
  const names = [...path.matchAll(/\.([\w-]+)|\['([^']+)'\]|\[(\d+)\]/g)].map(
    (match) => match[1] ?? match[2] ?? match[3],
  );
  return names.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name!], event);
}
