import type { AccountAccess } from './account-access.ts';
import type { Scope } from './scope.ts';

/** What a check may call: an IAM action, and the resources that it needs it for. */
export interface Permission {
  readonly action: string;
  /** ARNs, or `*` where AWS knows no narrower resource. */
  readonly resources: readonly string[];
}

/** `unknown`: the account could not be asked. */
export type Outcome = 'ok' | 'problem' | 'unknown';

export interface Finding {
  readonly outcome: Outcome;
  /** One sentence without a period. */
  readonly message: string;
  /** What a person does next. */
  readonly nextStep?: string;
}

/** One prerequisite of the account. It reads only. */
export interface Check {
  readonly name: string;
  permissions(scope: Scope): readonly Permission[];
  /** Errors of AWS are not caught: they become the outcome `unknown`. */
  examine(account: AccountAccess): Promise<Finding>;
}

/** Permissions for actions that know no narrower resource. */
export function onEverything(...actions: readonly string[]): readonly Permission[] {
  return actions.map((action) => ({ action, resources: ['*'] }));
}

export const ok = (message: string): Finding => ({ outcome: 'ok', message });
export const problem = (message: string, nextStep: string): Finding => ({ outcome: 'problem', message, nextStep });
export const unknown = (message: string, nextStep: string): Finding => ({ outcome: 'unknown', message, nextStep });
