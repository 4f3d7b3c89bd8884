import type { CreatedResource } from '../service.ts';
import type { Template } from './template.ts';

/** What intrinsic functions can refer to. */
export interface Scope {
  readonly template: Template;
  /** AWS::Region and the like. */
  readonly pseudo: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly conditions: ReadonlyMap<string, boolean>;
  /** Filled while resources are created. */
  readonly resources: Map<string, CreatedResource>;
}

export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/** @throws TemplateError when the template has no such condition */
export function conditionHolds(name: string, conditions: ReadonlyMap<string, boolean>): boolean {
  const value = conditions.get(name);
  if (value === undefined) throw new TemplateError(`Conditions has no ${name}`);
  return value;
}

/** Stands for AWS::NoValue: whoever holds it drops the key or list element. */
export const noValue = Symbol('AWS::NoValue');
