import { parseArgs } from 'node:util';
import { fail } from '#cli/configuration.ts';
import { wholeNumber } from '#cli/options.ts';
import { soakMetering } from '#support/workloads/metering-soak.ts';

const help = `Usage: npm run soak -- [options]

Kills metering with SIGKILL again and again while it handles events, and checks that its table equals byte by byte what the
events determine. Exits with code 1 when it does not.

  --events N          number of distinct events; a tenth of them is delivered twice (default: 10000)
  --kills N           number of kills; fewer than events (default: 100)
  --seed N            random seed for the events, their order and the kills (default: 1)
  -h, --help          this text`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '10000' },
      kills: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(help);
  const events = wholeNumber('--events', values.events, 1);
  await soak(events, wholeNumber('--kills', values.kills, 0, events - 1), wholeNumber('--seed', values.seed, 0));
}

async function soak(events: number, kills: number, seed: number): Promise<void> {
  const startedAt = performance.now();
  const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1);
  const report = await soakMetering({
    events,
    kills,
    seed,
    onKill: (killed, handled) => console.log(`${seconds()} s: kill ${killed} of ${kills} after ${handled} messages`),
  });
  console.log(
    `${seconds()} s, seed ${seed}: ${events} events in ${report.messages} messages, ${kills} kills; ` +
      `${report.items} items ${report.equal ? 'are byte by byte what the events say' : 'ARE NOT what the events say'}; ` +
      `rebuild --dry-run exits ${report.rebuildCode}`,
  );
  process.exitCode = report.equal && report.rebuildCode === 0 ? 0 : 1;
}

main().catch(fail);
