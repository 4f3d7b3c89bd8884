import { z } from 'zod';
import { resolve } from './intrinsics.ts';
import { type Scope, TemplateError } from './scope.ts';

const conditionList = z.array(z.unknown());

/** Evaluates the Conditions section, whose conditions may refer to each other in any order. @throws TemplateError */
export function evaluateConditions(scope: Omit<Scope, 'conditions'>): ReadonlyMap<string, boolean> {
  const declared = scope.template.Conditions;
  const evaluated = new Map<string, boolean>();
  const scopeSoFar: Scope = { ...scope, conditions: evaluated };

  const evaluate = (condition: unknown): boolean => {
    const [name, argument] = Object.entries(z.record(z.string(), z.unknown()).parse(condition))[0] ?? [];
    switch (name) {
      case 'Condition':
        return evaluateNamed(z.string().parse(argument));
      case 'Fn::Equals': {
        const [left, right] = conditionList.parse(resolve(argument, scopeSoFar));
        return String(left) === String(right);
      }
      case 'Fn::And':
        return conditionList.parse(argument).every(evaluate);
      case 'Fn::Or':
        return conditionList.parse(argument).some(evaluate);
      case 'Fn::Not':
        return !evaluate(conditionList.parse(argument)[0]);
      default:
        throw new TemplateError(`condition ${JSON.stringify(condition)}: ${name} is not a condition function`);
    }
  };
  const evaluateNamed = (name: string): boolean => {
    const known = evaluated.get(name);
    if (known !== undefined) return known;
    if (!(name in declared)) throw new TemplateError(`Conditions has no ${name}`);
    const value = evaluate(declared[name]);
    evaluated.set(name, value);
    return value;
  };
  for (const name of Object.keys(declared)) evaluateNamed(name);
  return evaluated;
}
