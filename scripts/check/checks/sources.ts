import type { Check } from '../check-outcome.ts';
import { commandOutcome } from '../run-command.ts';

export const biome: Check = { name: 'biome', run: () => commandOutcome('biome', ['check', '--colors=off', '.']) };

export const types: Check = { name: 'tsc', run: () => commandOutcome('tsc', ['-p', '.', '--pretty', 'false']) };
