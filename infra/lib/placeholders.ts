/** A value for a placeholder of a state machine's file: an ARN or a name, a number of seconds, or an object. */
export type PlaceholderValue = string | number | object;

/** What a placeholder stands for is told by the end of its name; without any of these ends it is a function. */
const kinds = { TimeoutSeconds: 'seconds', Document: 'document', Machine: 'machine', Settings: 'settings' } as const;
export type PlaceholderKind = (typeof kinds)[keyof typeof kinds] | 'function';

export function placeholderKind(placeholder: string): PlaceholderKind {
  const end = Object.keys(kinds).find((candidate) => placeholder.endsWith(candidate)) as keyof typeof kinds | undefined;
  return end === undefined ? 'function' : kinds[end];
}

/** set-worker-capacity -> SetWorkerCapacity */
export function pascalCase(name: string): string {
  return name.replace(/(?:^|-)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

const pattern = /\$\{(\w+)\}/g;

/** @returns the names of the placeholders in a file's text, each once. */
export function placeholdersIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(pattern)].map(([, placeholder]) => placeholder!));
}

/**
 * Fills in a definition. A JSON string that is exactly one placeholder becomes the value itself, which may be a number or an
 * object; inside of a longer string the value becomes text.
 */
export function fillPlaceholders(text: string, resolve: (placeholder: string) => PlaceholderValue): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'string') return value;
    const [, exact] = /^\$\{(\w+)\}$/.exec(value) ?? [];
    if (exact !== undefined) return resolve(exact);
    return value.replace(pattern, (_match, placeholder: string) => String(resolve(placeholder)));
  });
}

/** A value of the right kind, for those who validate or run a file without a deployment. */
export function exampleValue(placeholder: string): PlaceholderValue {
  const account = 'us-east-1:123456789012';
  switch (placeholderKind(placeholder)) {
    case 'seconds':
      return 60;
    case 'settings':
      return {};
    case 'document':
      return placeholder;
    case 'machine':
      return `arn:aws:states:${account}:stateMachine:${placeholder}`;
    case 'function':
      return `arn:aws:lambda:${account}:function:${placeholder}`;
  }
}
