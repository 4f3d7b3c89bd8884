/** The synthesized CloudFormation template, as far as the twin reads it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface ResourceDeclaration {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
}

export interface ParameterDeclaration {
  readonly Type: string;
  readonly Default?: string | number;
}

export interface Template {
  readonly Parameters?: Readonly<Record<string, ParameterDeclaration>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, ResourceDeclaration>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Condition?: string }>>;
}

export function readTemplate(assemblyFolder: string, stackName: string): Template {
  return JSON.parse(readFileSync(path.join(assemblyFolder, `${stackName}.template.json`), 'utf8'));
}
