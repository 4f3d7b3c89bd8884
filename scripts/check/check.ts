import { availableParallelism } from 'node:os';
import { UsageError } from '#cli/errors.ts';
import { runVerb } from '#cli/program.ts';
import { declareCheck } from '#cli/verbs/check.ts';
import type { Check, CheckOutcome } from './check-outcome.ts';
import { floors } from './checks/floors.ts';
import { manifests } from './checks/manifests.ts';
import { bashSyntax, shellcheck } from './checks/scripts.ts';
import { biome, types } from './checks/sources.ts';
import { stateMachines } from './checks/state-machines.ts';
import { suppressions } from './checks/suppressions.ts';
import { nag, synth } from './checks/template.ts';

/** The slow ones first: they decide how long it takes. */
const checks: readonly Check[] = [
  types,
  synth,
  nag,
  biome,
  floors,
  suppressions,
  shellcheck,
  bashSyntax,
  ...stateMachines,
  ...manifests,
];

const maxOutputLines = 100;

const marks = { passed: '✔', failed: '✖', skipped: '-' } as const;

async function main(names: readonly string[], { list }: { list?: true | undefined }): Promise<void> {
  if (list) return console.log(checks.map(({ name }) => name).join('\n'));
  const chosen = chooseChecks(names);
  const outcomes = await runAll(chosen);
  const count = (status: CheckOutcome['status']) => outcomes.filter((outcome) => outcome.status === status).length;
  console.log(`\n${count('passed')} passed, ${count('failed')} failed`);
  if (count('failed') > 0) process.exitCode = 1;
}

function chooseChecks(names: readonly string[]): readonly Check[] {
  const unknown = names.find((name) => !checks.some((check) => check.name.startsWith(name)));
  if (unknown !== undefined)
    throw new UsageError(`${unknown}: no check begins with it; ./stepkube check --list lists them`);
  return names.length === 0 ? checks : checks.filter(({ name }) => names.some((wanted) => name.startsWith(wanted)));
}

async function runAll(chosen: readonly Check[]): Promise<readonly CheckOutcome[]> {
  const queue = [...chosen];
  const outcomes: CheckOutcome[] = [];
  const worker = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      const startedAt = performance.now();
      const outcome = await check
        .run()
        .catch((error: Error): CheckOutcome => ({ status: 'failed', output: error.message }));
      outcomes.push(outcome);
      report(check.name, outcome, (performance.now() - startedAt) / 1000);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return outcomes;
}

function report(name: string, { status, detail, output = '' }: CheckOutcome, seconds: number): void {
  const remark = detail === undefined ? '' : status === 'skipped' ? `: ${detail}` : ` (${detail})`;
  const duration = status === 'skipped' ? '' : `  ${seconds.toFixed(1)} s`;
  console.log(`${marks[status]} ${name}${remark}${duration}`);
  if (status === 'failed') console.log(excerpt(output.trim()).replace(/^/gm, '    '));
}

/** One import of a wrong folder can give thousands of lines; the first ones name it. */
function excerpt(output: string): string {
  const lines = output.split('\n');
  const more = lines.length - maxOutputLines;
  return more <= 0 ? output : [...lines.slice(0, maxOutputLines), `... and ${more} more lines`].join('\n');
}

await runVerb(declareCheck().action(main));
