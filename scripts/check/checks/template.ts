import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Check, CheckOutcome } from '../check-outcome.ts';
import { commandOutcome } from '../run-command.ts';

/** The template, and every property of it against CloudFormation's schemas. */
export const synth: Check = {
  name: 'cdk synth',
  run: () =>
    inTemporaryFolder((folder) => commandOutcome('node', ['cli/main.ts', 'synth', '--validate', '--folder', folder])),
};

export const nag: Check = {
  name: 'cdk-nag AwsSolutions',
  run: () => inTemporaryFolder((folder) => commandOutcome('node', ['scripts/check/nag.ts', folder])),
};

async function inTemporaryFolder(run: (folder: string) => Promise<CheckOutcome>): Promise<CheckOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'stepkube-check-'));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
