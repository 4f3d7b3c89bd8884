/**
 * Validation of targets as in PutTargets, so that a template with an invalid one fails in the twin as it would on AWS.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html
 */
import { ServiceError } from '../service-error.ts';
import { checkPath } from './json-path.ts';
import type { Target } from './rule.ts';

const maxVariables = 100;
const maxTemplateLength = 8192;
const variableName = /^[A-Za-z0-9_-]{1,256}$/;

/** @throws ServiceError ValidationException */
export function checkTarget({ Id, Input, InputPath, InputTransformer }: Target): void {
  const refuse = (what: string): never => {
    throw new ServiceError('ValidationException', `target ${Id}: ${what}`);
  };
  const path = (member: string, text: string): void => {
    try {
      checkPath(text);
    } catch (error) {
      refuse(`${member}: ${(error as Error).message}`);
    }
  };
  if ([Input, InputPath, InputTransformer].filter((member) => member !== undefined).length > 1) {
    refuse('only one of Input, InputPath and InputTransformer may be given');
  }
  if (InputPath !== undefined) path('InputPath', InputPath);
  if (InputTransformer === undefined) return;
  const { InputPathsMap = {}, InputTemplate } = InputTransformer;
  const names = Object.keys(InputPathsMap);
  if (names.length > maxVariables) refuse(`InputPathsMap: ${names.length} variables, at most ${maxVariables}`);
  for (const [name, text] of Object.entries(InputPathsMap)) {
    if (!variableName.test(name) || /^aws\./i.test(name)) refuse(`InputPathsMap: "${name}" is not a variable name`);
    path(`InputPathsMap.${name}`, text);
  }
  if (InputTemplate.length > maxTemplateLength) {
    refuse(`InputTemplate: ${InputTemplate.length} characters, at most ${maxTemplateLength}`);
  }
  for (const [, name] of InputTemplate.matchAll(/<([\w.-]+)>/g)) {
    if (!names.includes(name!) && !name!.startsWith('aws.events.')) {
      refuse(`InputTemplate: <${name}> is not in InputPathsMap`);
    }
  }
  if (InputTemplate.trimStart().startsWith('{') && !isJson(withSampleValues(InputTemplate))) {
    refuse('InputTemplate: not JSON once its variables have values');
  }
}

function withSampleValues(template: string): string {
  let quoted = false;
  return template.replaceAll(/\\.|"|<[\w.-]+>/gs, (match) => {
    if (match === '"') quoted = !quoted;
    if (!match.startsWith('<')) return match;
    return quoted ? 'text' : '0';
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
