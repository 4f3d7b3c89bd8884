/** `./stepkube doctor` against a fake account, whose caller has the printed policy. */
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { type Examination, examineAccount, type NamedFinding } from '#cli/doctor/examine.ts';
import { doctorPolicy } from '#cli/doctor/policy.ts';
import config from '#cluster.config.ts';
import { type ClusterConfig, parseConfig } from '#infra/config.ts';
import { certificateArn, readyAccount } from './account-answers.ts';
import { type AccountAnswer, FakeAccount } from './fake-account.ts';

/** The shipped configuration with a domain and a certificate. */
export const deployable = parseConfig({ ...config, bot: { domain: 'bot.stepkube.dev', certificateArn } });

export type Answers = Readonly<Record<string, AccountAnswer>>;

export interface DoctorSetup {
  readonly account: FakeAccount;
  /** Examines an account that answers as a ready one except for these. */
  examine(answers?: Answers, given?: ClusterConfig, policy?: object): Promise<Examination>;
  /** What one check finds. */
  finding(check: string, answers: Answers, given?: ClusterConfig): Promise<NamedFinding>;
}

/** Starts the account before the tests of the file, and points the environment at it before each. */
export function useFakeAccount(): DoctorSetup {
  let account: FakeAccount;
  beforeAll(async () => {
    account = await FakeAccount.start();
  });
  afterAll(() => account[Symbol.asyncDispose]());
  beforeEach(() => {
    for (const [name, value] of Object.entries(account.environment)) vi.stubEnv(name, value);
    account.calls.length = 0;
  });
  afterEach(() => vi.unstubAllEnvs());

  const examine = (answers: Answers = {}, given = deployable, policy: object = doctorPolicy(given)) => {
    account.answers.clear();
    for (const [action, answer] of Object.entries({ ...readyAccount, ...answers })) account.answers.set(action, answer);
    account.allow(policy);
    return examineAccount(given, undefined, new AbortController().signal);
  };
  return {
    get account() {
      return account;
    },
    examine,
    async finding(check, answers, given) {
      const { findings } = await examine(answers, given);
      return findings.find((candidate) => candidate.check === check)!;
    },
  };
}

/** For `toMatchObject`: what a check said. */
export function said(outcome: string, message?: unknown, nextStep?: unknown): object {
  return {
    outcome,
    ...(message === undefined ? {} : { message }),
    ...(nextStep === undefined ? {} : { nextStep }),
  };
}

export const botToken = `123456:${'a'.repeat(35)}`;

/** Answers of an account in which the telegram secret has this value. */
export function telegramSecret(value: object): Answers {
  return {
    'secretsmanager:DescribeSecret': { Name: 'stepkube/telegram' },
    'secretsmanager:GetSecretValue': { Name: 'stepkube/telegram', SecretString: JSON.stringify(value) },
  };
}
