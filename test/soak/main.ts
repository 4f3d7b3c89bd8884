/**
 * Kills metering over and over while it works, and shows that its table is byte by byte what the events say.
 *
 * usage: npm run soak -- [--events 10000] [--kills 100] [--seed 1]
 */
import { parseArgs } from 'node:util';
import { soakMetering } from '../support/workloads/metering-soak.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '10000' },
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
  },
});
const [events, kills, seed] = [values.events, values.kills, values.seed].map(Number) as [number, number, number];
if (!(events > kills && kills >= 0 && Number.isSafeInteger(seed))) {
  console.error(`--events ${values.events} must be a number above --kills ${values.kills}, and --seed a whole number`);
  process.exit(2);
}

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
