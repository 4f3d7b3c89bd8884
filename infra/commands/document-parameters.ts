import { Token } from 'aws-cdk-lib';
import type { CommandDocument } from '../../ssm-documents/assemble.ts';
import { InvalidDocumentError } from './document-rules.ts';

/** Values by parameter name; a value may be a token that CloudFormation resolves. */
export type ParameterValues = Readonly<Record<string, string>>;

/**
 * Writes each declared parameter's value into the document as its default, so that a command needs no parameters.
 * @throws InvalidDocumentError if a parameter has no value, or one that its own allowedPattern forbids
 */
export function fillParameters(name: string, document: CommandDocument, values: ParameterValues): CommandDocument {
  const parameters = Object.entries(document.parameters).map(([parameter, declaration]) => {
    const value = values[parameter];
    if (value === undefined) {
      const known = Object.keys(values).join(', ');
      throw new InvalidDocumentError(`ssm-documents/${name}: parameter ${parameter} has no value; infra has ${known}`);
    }
    if (!Token.isUnresolved(value) && !new RegExp(declaration.allowedPattern).test(value)) {
      const { allowedPattern } = declaration;
      throw new InvalidDocumentError(`ssm-documents/${name}: ${parameter} '${value}' does not match ${allowedPattern}`);
    }
    return [parameter, { ...declaration, default: value }] as const;
  });
  return { ...document, parameters: Object.fromEntries(parameters) };
}

/** @throws InvalidDocumentError naming the values that no document declares */
export function assertAllDeclared(documents: readonly CommandDocument[], values: ParameterValues): void {
  const declared = new Set(documents.flatMap(({ parameters }) => Object.keys(parameters)));
  const unknown = Object.keys(values).filter((parameter) => !declared.has(parameter));
  if (unknown.length > 0) throw new InvalidDocumentError(`no document declares the parameter ${unknown.join(', ')}`);
}
