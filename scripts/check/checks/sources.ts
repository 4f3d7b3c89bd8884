import type { Check } from '../check-outcome.ts';
import { commandOutcome } from '../run-command.ts';

export const biome: Check = { name: 'biome', run: () => commandOutcome('biome', ['check', '--colors=off', '.']) };

/** One checker for each folder: several folders are checked at a time, and other checks run beside this one. */
export const types: Check = {
  name: 'tsc',
  run: () => commandOutcome('tsc', ['--build', '--checkers', '1', '--pretty', 'false']),
};
