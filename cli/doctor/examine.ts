import type { ClusterConfig } from '#infra/config.ts';
import { explainAwsError } from '../aws/explain-error.ts';
import { type AccountAccess, openAccount, PermissionMissingError } from './account-access.ts';
import { type Check, type Finding, ok, problem, unknown } from './check.ts';
import { otherChecks, regionCheck } from './checks.ts';

export interface NamedFinding extends Finding {
  readonly check: string;
}

export interface Examination {
  readonly accountId?: string;
  readonly region: string;
  /** `problem` if there is one; `unknown` if there is none but something could not be asked. */
  readonly outcome: Finding['outcome'];
  readonly findings: readonly NamedFinding[];
}

/** Asks the account for everything that the first deployment needs. Changes nothing. */
export async function examineAccount(
  config: ClusterConfig,
  profile: string | undefined,
  signal: AbortSignal,
): Promise<Examination> {
  const { region } = config;
  let account: AccountAccess;
  try {
    account = await openAccount(config, profile, signal);
  } catch (error) {
    signal.throwIfAborted();
    const credentials = problem(explain(error as Error), 'Nothing else was asked. Sign in, then run this again.');
    return { region, outcome: 'problem', findings: [{ check: 'credentials', ...credentials }] };
  }
  const { accountId, callerArn } = account;
  const findings: NamedFinding[] = [
    { check: 'credentials', ...ok(`account ${accountId}, as ${callerArn}`) },
    await examine(regionCheck, account),
  ];
  if (worst(findings) !== 'problem') {
    findings.push(...(await Promise.all(otherChecks.map((check) => examine(check, account)))));
  }
  signal.throwIfAborted();
  return { accountId, region, outcome: worst(findings), findings };
}

async function examine(check: Check, account: AccountAccess): Promise<NamedFinding> {
  try {
    return { check: check.name, ...(await check.examine(account)) };
  } catch (error) {
    return { check: check.name, ...couldNotTell(error as Error) };
  }
}

function couldNotTell(error: Error): Finding {
  if (error instanceof PermissionMissingError) {
    return unknown(
      `could not tell, the permission ${error.action} is missing`,
      'Use a profile that has it: ./stepkube doctor --print-policy prints all that is asked for.',
    );
  }
  return unknown(`could not tell: ${explain(error)}`, 'Run it again when that is mended.');
}

function explain(error: Error): string {
  if (error.name === 'ZodError') return 'AWS answered in a form that is not known here';
  return explainAwsError(error) ?? error.message.split('\n')[0] ?? error.name;
}

function worst(findings: readonly Finding[]): Finding['outcome'] {
  const outcomes = new Set(findings.map(({ outcome }) => outcome));
  if (outcomes.has('problem')) return 'problem';
  return outcomes.has('unknown') ? 'unknown' : 'ok';
}
