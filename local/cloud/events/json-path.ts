/**
 * The subset of JSONPath that EventBridge evaluates: names with dashes and underscores, array indexes and the wildcard.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */

const step = /\.(?<name>[\w/-]+)|\['(?<quoted>[^']+)'\]|\[(?<index>\d+|\*)\]|\.(?<star>\*)/y;

/** @throws RangeError for syntax that EventBridge does not evaluate */
export function checkPath(path: string): void {
  stepsOf(path);
}

/** The value of `$.detail.list[0].name` or `$.detail.list[*].name`; undefined where the event has none. */
export function valueAt(event: unknown, path: string): unknown {
  return walk(event, stepsOf(path));
}

function walk(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined || value === undefined || value === null) return value;
  if (name !== '*') return walk((value as Record<string, unknown>)[name], rest);
  if (typeof value !== 'object') return undefined;
  const found = Object.values(value).map((one) => walk(one, rest));
  return found.filter((one) => one !== undefined);
}

function stepsOf(path: string): readonly string[] {
  const names: string[] = [];
  step.lastIndex = 1;
  while (path.startsWith('$') && step.lastIndex < path.length) {
    const groups = step.exec(path)?.groups;
    if (groups === undefined) break;
    names.push((groups['name'] ?? groups['quoted'] ?? groups['index'] ?? groups['star'])!);
  }
  const end = step.lastIndex;
  step.lastIndex = 0;
  if (path !== '$' && end !== path.length) {
    throw new RangeError(`path "${path}" must look like $.detail.list[0].name or $.detail.list[*].name`);
  }
  return names;
}
