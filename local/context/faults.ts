/** Faults that a run injects, e.g. `join-fails:worker` or `document-fails:init-control-plane:2` (twice). */
import type { FaultName, FaultPlan } from '../contracts/context.ts';

/** Allowed subjects by fault: a list of all of them, or a description where any text is allowed. */
const allowedSubjects: Record<FaultName, string | readonly string[]> = {
  'document-fails': 'an SSM document such as init-control-plane',
  'command-event-lost': 'an SSM document such as install-runtime',
  'command-event-early': 'an SSM document such as install-runtime',
  'agent-never-online': ['control-plane', 'worker'],
  'instance-unknown': ['control-plane', 'worker'],
  'no-capacity': 'an availability zone such as us-east-1a',
  'schedule-missed': 'a rule with a schedule such as stepkube-rotate-jointoken',
  'transaction-conflict': 'a DynamoDB table such as stepkube-polybot',
  'join-fails': ['worker'],
  'join-interrupted': ['worker'],
  'api-server-slow': ['control-plane'],
  'lifecycle-event-lost': 'a lifecycle hook such as stepkube-launch',
};

/** The SDK repeats what EC2 answers with 500: the four requests of a function's client are one call. */
const defaultTimes: Partial<Record<FaultName, number>> = { 'no-capacity': 4 };

export const faultNames = Object.keys(allowedSubjects) as readonly FaultName[];

export class InvalidFaultError extends Error {
  override readonly name = 'InvalidFaultError';
}

/** @throws InvalidFaultError with the specification and what is allowed */
export function createFaultPlan(specifications: readonly string[]): FaultPlan {
  const remaining = new Map<string, number>();
  for (const specification of specifications) {
    const { name, subject, times } = parseFault(specification);
    const key = `${name}:${subject}`;
    remaining.set(key, (remaining.get(key) ?? 0) + times);
  }
  return {
    take(name, subject) {
      const key = `${name}:${subject}`;
      const left = remaining.get(key) ?? 0;
      if (left === 0) return false;
      remaining.set(key, left - 1);
      return true;
    },
  };
}

function parseFault(specification: string): { name: FaultName; subject: string; times: number } {
  const [name = '', subject = '', givenTimes, ...rest] = specification.split(':');
  if (!isFaultName(name)) {
    throw new InvalidFaultError(`fault "${specification}": the name must be one of ${faultNames.join(', ')}`);
  }
  const allowed = allowedSubjects[name];
  if (typeof allowed === 'string' ? subject === '' : !allowed.includes(subject)) {
    const expected = typeof allowed === 'string' ? allowed : allowed.join(' or ');
    throw new InvalidFaultError(`fault "${specification}": ${name} needs a subject, ${expected} (${name}:<subject>)`);
  }
  const times = givenTimes ?? String(defaultTimes[name] ?? 1);
  if (!/^[1-9]\d*$/.test(times) || rest.length > 0) {
    throw new InvalidFaultError(
      `fault "${specification}": must be name:subject or name:subject:times with times 1 or more`,
    );
  }
  return { name, subject, times: Number(times) };
}

function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(allowedSubjects, name);
}
