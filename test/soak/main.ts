import { UsageError } from '#cli/errors.ts';
import { runVerb } from '#cli/program.ts';
import { declareSoak } from '#cli/verbs/soak.ts';
import { soakMetering } from '#support/workloads/metering-soak.ts';

interface SoakOptions {
  readonly events: number;
  readonly kills: number;
  readonly seed: number;
}

async function soak({ events, kills, seed }: SoakOptions): Promise<void> {
  if (kills >= events) throw new UsageError(`--kills ${kills}: must be below --events ${events}`);
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

await runVerb(declareSoak().action(soak));
