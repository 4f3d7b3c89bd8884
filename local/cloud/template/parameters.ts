import { physicalId } from '../physical-name.ts';
import { TemplateError } from './scope.ts';
import type { ParameterDeclaration, Template } from './template.ts';

/** The bootstrap stack's version, high enough for every CDK. */
const bootstrapVersion = '99';

/** Values of the template's parameters: their defaults, those from Parameter Store looked up. */
export async function parameterValues(
  template: Template,
  lookUp: (parameterName: string) => Promise<string>,
): Promise<Record<string, string>> {
  const entries = Object.entries(template.Parameters ?? {}).map(async ([name, declaration]) => {
    const value = defaultOf(name, declaration);
    return [name, declaration.Type.startsWith('AWS::SSM::Parameter::Value<') ? await lookUp(value) : value] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Parameters that AWS or the CDK bootstrap publishes in every account: machine images and the bootstrap version.
 * undefined: not one of them.
 */
export function publicParameter(parameterName: string): string | undefined {
  if (parameterName.startsWith('/cdk-bootstrap/')) return bootstrapVersion;
  if (parameterName.startsWith('/aws/service/')) return physicalId('ami', 'public', parameterName);
  return undefined;
}

function defaultOf(name: string, { Default }: ParameterDeclaration): string {
  if (Default === undefined) throw new TemplateError(`parameter ${name} has no default, and the twin passes no values`);
  return String(Default);
}
