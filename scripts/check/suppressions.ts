/** @returns one line for each comment in a TypeScript file that hides type errors without a reason. */
export function forbiddenSuppressions(file: string, text: string): readonly string[] {
  return text.split('\n').flatMap((line, index) => {
    const [, directive, rest = ''] = /(?:\/\/|\/\*)\s*@(ts-nocheck|ts-ignore|ts-expect-error)(.*)/.exec(line) ?? [];
    if (directive === undefined) return [];
    const place = `${file}:${index + 1}`;
    if (directive !== 'ts-expect-error') return [`${place} @${directive}: use @ts-expect-error with a reason`];
    const hasReason = /[a-z]/i.test(rest);
    return hasReason ? [] : [`${place} @ts-expect-error: say why after it, in the same line`];
  });
}
