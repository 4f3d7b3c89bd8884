import { resolve } from './intrinsics.ts';
import { type Scope, TemplateError } from './scope.ts';

/** Evaluates the Conditions section; they may refer to each other in any order. */
export function evaluateConditions(scope: Omit<Scope, 'conditions'>): ReadonlyMap<string, boolean> {
  const declared = scope.template.Conditions ?? {};
  const known = new Map<string, boolean>();
  const withKnown: Scope = { ...scope, conditions: known };

  const holds = (condition: unknown): boolean => {
    const [name, argument] = Object.entries(condition as object)[0] ?? [];
    switch (name) {
      case 'Condition':
        return named(argument as string);
      case 'Fn::Equals': {
        const [left, right] = resolve(argument, withKnown) as [unknown, unknown];
        return String(left) === String(right);
      }
      case 'Fn::And':
        return (argument as unknown[]).every(holds);
      case 'Fn::Or':
        return (argument as unknown[]).some(holds);
      case 'Fn::Not':
        return !holds((argument as unknown[])[0]);
      default:
        throw new TemplateError(`condition ${JSON.stringify(condition)}: ${name} is not a condition function`);
    }
  };
  const named = (name: string): boolean => {
    const found = known.get(name);
    if (found !== undefined) return found;
    if (!(name in declared)) throw new TemplateError(`Conditions has no ${name}`);
    const value = holds(declared[name]);
    known.set(name, value);
    return value;
  };
  for (const name of Object.keys(declared)) named(name);
  return known;
}
