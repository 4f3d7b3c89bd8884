import { setTimeout as wait } from 'node:timers/promises';
import { AutoScalingClient, SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling';
import { type Account, clientSettings } from '../aws/client-settings.ts';
import { stackOutput } from '../aws/stack-output.ts';
import { readWorkerGroup } from '../aws/worker-group.ts';
import { FailedError, UsageError } from '../errors.ts';

export interface ScaleRequest {
  readonly account: Account;
  readonly stackName: string;
  readonly workers: number;
  /** Only says what would change, and that this command line would change it. @default undefined: it is changed */
  readonly dryRun: { readonly startWith: string } | undefined;
  readonly json: boolean;
}

const autoscalerNote =
  'The cluster autoscaler goes on from there: it ends workers that nobody has needed for ten minutes (workers.autoscaling)';

/** Auto Scaling announces nothing to a command line; its API allows far more calls than this. */
const pollSeconds = 3;

/** Sets the capacity of the worker group and shows its instances until all serve. @throws StackNotDeployedError, UsageError */
export async function scale(request: ScaleRequest, signal: AbortSignal): Promise<void> {
  const { account, stackName, workers, dryRun, json } = request;
  const name = await stackOutput(stackName, 'WorkerGroupName', account, signal);
  const client = new AutoScalingClient(clientSettings(account));
  const before = await readWorkerGroup(client, name, signal);
  if (workers < before.minimum || workers > before.maximum)
    throw new UsageError(
      `workers ${workers}: must be from ${before.minimum} to ${before.maximum}, the limits of ${name} (workers.min and workers.max)`,
    );
  const result = { group: name, from: before.desired, to: workers };
  if (dryRun) {
    if (json) return void console.log(JSON.stringify({ dryRun: true, ...result }, null, 2));
    console.log(`Would set  ${name} from ${before.desired} to ${workers} workers`);
    if (before.isAutoscaled) console.log(autoscalerNote);
    return void console.log(`\nNothing was changed. To change it: ${dryRun.startWith}`);
  }
  const capacity = { AutoScalingGroupName: name, DesiredCapacity: workers, HonorCooldown: false };
  await client.send(new SetDesiredCapacityCommand(capacity), { abortSignal: signal });
  await untilSettled(client, name, workers, { signal, say: json ? () => undefined : (line) => console.log(line) });
  if (json) console.log(JSON.stringify(result, null, 2));
}

interface Watching {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** @throws FailedError when somebody, or the end of a launch loop, has changed the capacity meanwhile */
async function untilSettled(
  client: AutoScalingClient,
  name: string,
  workers: number,
  { signal, say }: Watching,
): Promise<void> {
  let said = '';
  for (;;) {
    const { desired, instances } = await readWorkerGroup(client, name, signal);
    const states = instances.map(({ state }) => state);
    if (desired !== workers)
      throw new FailedError(
        `the capacity of ${name} is ${desired} now, not ${workers}`,
        'If launches were stopped, docs/runbooks/launch-loop.md says what to do',
      );
    const line = describe(states, workers);
    if (line !== said) say(line);
    said = line;
    if (states.length === workers && states.every((state) => state === 'InService')) return;
    await wait(pollSeconds * 1000, undefined, { signal });
  }
}

/** e.g. '2 of 4 workers in service, 2 joining' */
function describe(states: readonly string[], workers: number): string {
  const count = (prefix: string) => states.filter((state) => state.startsWith(prefix)).length;
  const parts = [
    `${count('InService')} of ${workers} workers in service`,
    ...(count('Pending') > 0 ? [`${count('Pending')} joining`] : []),
    ...(count('Terminating') > 0 ? [`${count('Terminating')} leaving`] : []),
  ];
  return parts.join(', ');
}
