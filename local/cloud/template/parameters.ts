import { physicalId } from '../physical-name.ts';
import { TemplateError } from './scope.ts';
import type { ParameterDeclaration, Template } from './template.ts';

/** Version of the CDK's bootstrap stack, high enough for what every CDK requires. */
const bootstrapVersion = '99';

/** Values of the template's parameters: their defaults, with names of Parameter Store parameters looked up. */
export async function parameterValues(
  template: Template,
  lookUp: (parameterName: string) => Promise<string>,
): Promise<Record<string, string>> {
  const entries = Object.entries(template.Parameters).map(async ([name, declaration]) => {
    const value = defaultOf(name, declaration);
    return [name, declaration.Type.startsWith('AWS::SSM::Parameter::Value<') ? await lookUp(value) : value] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Parameters that every account has from AWS or the CDK's bootstrap: machine images and the bootstrap version.
 * @returns undefined for a parameter of the account's own
 */
export function publicParameter(parameterName: string): string | undefined {
  if (parameterName.startsWith('/cdk-bootstrap/')) return bootstrapVersion;
  if (parameterName.startsWith('/aws/service/')) return physicalId('ami', 'public', parameterName);
  return undefined;
}

function defaultOf(name: string, { Default }: ParameterDeclaration): string {
  if (Default === undefined) throw new TemplateError(`parameter ${name} has no default, and the twin passes no values`);
  return Default;
}
