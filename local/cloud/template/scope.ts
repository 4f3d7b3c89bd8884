import type { CreatedResource } from '../resource.ts';
import type { Template } from './template.ts';

/** What intrinsic functions can refer to. */
export interface Scope {
  readonly template: Template;
  /** Pseudo parameters such as AWS::Region. */
  readonly pseudo: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly conditions: ReadonlyMap<string, boolean>;
  /** By logical id; filled while resources are created. */
  readonly resources: Map<string, CreatedResource>;
}

/** The template has something that CloudFormation would refuse, or that the twin cannot create. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/** @throws TemplateError when the template has no such condition */
export function conditionHolds(name: string, conditions: ReadonlyMap<string, boolean>): boolean {
  const value = conditions.get(name);
  if (value === undefined) throw new TemplateError(`Conditions has no ${name}`);
  return value;
}

/** The value of AWS::NoValue: the property or list element that has it is removed. */
export const noValue = Symbol('AWS::NoValue');
