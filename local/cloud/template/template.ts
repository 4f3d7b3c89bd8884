/** The synthesized CloudFormation template, as far as the twin reads it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const oneOrMany = z.union([z.string().transform((value) => [value]), z.array(z.string())]);

const resourceDeclaration = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: oneOrMany.default([]),
  Condition: z.string().optional(),
});
const parameterDeclaration = z.object({ Type: z.string(), Default: z.coerce.string().optional() });
const outputDeclaration = z.object({ Value: z.unknown(), Condition: z.string().optional() });
/** Map name -> top-level key -> second-level key -> value. */
const mappings = z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown())));

const templateSchema = z.object({
  Parameters: z.record(z.string(), parameterDeclaration).default({}),
  Mappings: mappings.default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), resourceDeclaration),
  Outputs: z.record(z.string(), outputDeclaration).default({}),
});

export type ResourceDeclaration = z.output<typeof resourceDeclaration>;
export type ParameterDeclaration = z.output<typeof parameterDeclaration>;
export type Template = z.output<typeof templateSchema>;
/** A template as its file has it. */
export type TemplateSource = z.input<typeof templateSchema>;

export function readTemplate(assemblyFolder: string, stackName: string): Template {
  const file = path.join(assemblyFolder, `${stackName}.template.json`);
  return templateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
