import { runScript } from '../run-script.ts';
import { wholeNumber } from '../values.ts';
import { createVerb } from '../verb.ts';

export function declareSoak() {
  return createVerb('soak', {
    group: 'Development:',
    summary: 'kill metering over and over and compare its table',
    description:
      'Ends metering with SIGKILL over and over while it works through events, and shows that its table is byte by byte what the events say.',
  })
    .option('--events <number>', 'how many different events there are; a tenth comes twice', wholeNumber(1), 10_000)
    .option('--kills <number>', 'how often a process is killed; fewer than events', wholeNumber(0), 100)
    .option('--seed <number>', 'what the events, their order and the kills are drawn by', wholeNumber(0), 1);
}

export const command = () => declareSoak().action(runScript('test/soak/main.ts'));
