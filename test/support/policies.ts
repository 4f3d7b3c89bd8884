/** Reads roles and their policies out of a template. */
import type { Template } from 'aws-cdk-lib/assertions';
import { type Resource, resourcesOf } from './infra.ts';

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: object;
}

/** IAM accepts one value in place of a list of one. */
export function listOf<Value>(value: Value | readonly Value[]): readonly Value[] {
  return (Array.isArray(value) ? value : [value]) as readonly Value[];
}

/** The role with this description. */
export function roleOf(template: Template, description: string): Resource {
  return resourcesOf(template, 'AWS::IAM::Role')[roleIdOf(template, description)]!;
}

/** Statements of the policies that are attached to the role with this description. */
export function statementsOf(template: Template, description: string): readonly Statement[] {
  return statementsOfRole(template, roleIdOf(template, description));
}

export function statementsOfRole(template: Template, roleId: string): readonly Statement[] {
  return Object.values(resourcesOf(template, 'AWS::IAM::Policy'))
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === roleId))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

export function actionsOf(template: Template, description: string): readonly string[] {
  return statementsOf(template, description).flatMap(({ Action }) => listOf(Action));
}

function roleIdOf(template: Template, description: string): string {
  const roles = Object.entries(resourcesOf(template, 'AWS::IAM::Role'));
  return roles.find(([, { Properties }]) => Properties.Description === description)![0];
}
