import { describe, expect, it } from 'vitest';
import { forbiddenSuppressions } from '#scripts/check/suppressions.ts';

// Put together here, so that the check does not find them in this file.
const comment = (directive: string) => `// ${'@'}${directive}`;

describe('forbiddenSuppressions', () => {
  it.each(['ts-nocheck', 'ts-nocheck because', 'ts-ignore', 'ts-ignore: generated'])('@%s is refused', (directive) => {
    const name = directive.split(/[: ]/)[0];
    expect(forbiddenSuppressions('a.ts', `let x;\n${comment(directive)}`)).toEqual([
      `a.ts:2 @${name}: use @ts-expect-error with a reason`,
    ]);
  });

  it('@ts-expect-error is refused without a reason and allowed with one', () => {
    expect(forbiddenSuppressions('a.ts', comment('ts-expect-error'))).toEqual([
      'a.ts:1 @ts-expect-error: say why after it, in the same line',
    ]);
    expect(forbiddenSuppressions('a.ts', comment('ts-expect-error: the library declares no types'))).toEqual([]);
  });
});
