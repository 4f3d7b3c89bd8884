import { runScript } from '../run-script.ts';
import { wholeNumber } from '../values.ts';
import { createVerb } from '../verb.ts';

export function declareSoak() {
  return createVerb('soak', {
    group: 'Development:',
    summary: 'kill metering again and again and check its table',
    description:
      'Kills metering with SIGKILL again and again while it handles events, and checks that its table equals byte by byte what the events determine. Exit code 1 when it does not.',
  })
    .option(
      '--events <number>',
      'number of distinct events; a tenth of them is delivered twice',
      wholeNumber(1),
      10_000,
    )
    .option('--kills <number>', 'number of kills; fewer than events', wholeNumber(0), 100)
    .option('--seed <number>', 'random seed for the events, their order and the kills', wholeNumber(0), 1);
}

export const command = () => declareSoak().action(runScript('test/soak/main.ts'));
