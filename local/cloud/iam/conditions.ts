/** Condition blocks of policies. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
import { matchesPattern } from './pattern.ts';
import type { Statement } from './policy-document.ts';

export type ConditionContext = Readonly<Record<string, string>>;

type Test = (accepted: string, actual: string) => boolean;

const equal: Test = (accepted, actual) => accepted === actual;
const equalIgnoringCase: Test = (accepted, actual) => accepted.toLowerCase() === actual.toLowerCase();
const like: Test = (accepted, actual) => matchesPattern(accepted, actual);

const tests: Readonly<Record<string, { readonly test: Test; readonly negated?: true }>> = {
  StringEquals: { test: equal },
  StringNotEquals: { test: equal, negated: true },
  StringEqualsIgnoreCase: { test: equalIgnoringCase },
  StringNotEqualsIgnoreCase: { test: equalIgnoringCase, negated: true },
  StringLike: { test: like },
  StringNotLike: { test: like, negated: true },
  ArnEquals: { test: like },
  ArnLike: { test: like },
  ArnNotEquals: { test: like, negated: true },
  ArnNotLike: { test: like, negated: true },
  Bool: { test: equalIgnoringCase },
};

/**
 * Whether every condition of a statement holds.
 * @param whenUnknown the result for a condition key that the twin has no value for (tags, encryption contexts) and for an
 *   operator that is not in the table above
 */
export function conditionsHold(statement: Statement, context: ConditionContext, whenUnknown: boolean): boolean {
  const known = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(statement.conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, accepted]) => {
      const rule = tests[operator.replace(/^For(AnyValue|AllValues):/, '').replace(/IfExists$/, '')];
      const actual = known.get(key.toLowerCase());
      if (rule === undefined || actual === undefined) return whenUnknown;
      return accepted.some((value) => rule.test(value, actual)) !== (rule.negated ?? false);
    }),
  );
}
