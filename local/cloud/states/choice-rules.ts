/**
 * Choice rules in a form that the interpreter decides as Step Functions does: a comparison holds for values of its own type only, and
 * `IsPresent: false` and its like hold for what is not. https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
 */
import type { StateMachineDefinition } from 'aws-local-stepfunctions';

type State = StateMachineDefinition['States'][string];
type Choice = Extract<State, { Type: 'Choice' }>['Choices'][number];
type Rule = Readonly<Record<string, unknown>>;

const typeTests = { String: 'IsString', Numeric: 'IsNumeric', Boolean: 'IsBoolean', Timestamp: 'IsTimestamp' } as const;

export function strictChoice({ Next, ...rule }: Choice): Choice {
  return { ...strict(rule), Next } as Choice;
}

function strict(rule: Rule): Rule {
  if (Array.isArray(rule['And'])) return { And: rule['And'].map(strict) };
  if (Array.isArray(rule['Or'])) return { Or: rule['Or'].map(strict) };
  if (typeof rule['Not'] === 'object') return { Not: strict(rule['Not'] as Rule) };
  const [operator] = Object.keys(rule).filter((name) => name !== 'Variable');
  const { Variable } = rule;
  if (operator?.startsWith('Is') && rule[operator] === false) return { Not: { Variable, [operator]: true } };
  const type = Object.entries(typeTests).find(([prefix]) => operator?.startsWith(prefix))?.[1];
  return type === undefined ? rule : { And: [{ Variable, [type]: true }, rule] };
}
