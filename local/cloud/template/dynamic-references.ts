/**
 * Dynamic references: `{{resolve:ssm:name}}` and `{{resolve:secretsmanager:id:SecretString:key}}` in property values.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
 */
import { TemplateError } from './scope.ts';

export interface DynamicSources {
  parameter(name: string): Promise<string>;
  /** The whole secret string. */
  secret(secretId: string): Promise<string>;
}

const reference = /\{\{resolve:(?<service>[a-z-]+):(?<argument>[^}]+)\}\}/g;

export async function resolveDynamic(value: unknown, sources: DynamicSources): Promise<unknown> {
  if (typeof value === 'string') return value.includes('{{resolve:') ? replaceAll(value, sources) : value;
  if (Array.isArray(value)) return Promise.all(value.map((element) => resolveDynamic(element, sources)));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    async ([key, member]) => [key, await resolveDynamic(member, sources)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function replaceAll(text: string, sources: DynamicSources): Promise<string> {
  let resolved = text;
  for (const { 0: match, groups } of text.matchAll(reference)) {
    resolved = resolved.replace(match, await lookUp(groups!['service']!, groups!['argument']!, sources));
  }
  return resolved;
}

async function lookUp(service: string, argument: string, sources: DynamicSources): Promise<string> {
  if (service === 'ssm') return sources.parameter(argument.replace(/:\d+$/, ''));
  if (service !== 'secretsmanager') throw new TemplateError(`{{resolve:${service}:...}} is not known to the twin`);
  // The secret's id may be an ARN, which has colons of its own.
  const [secretId, key] = argument.split(':SecretString');
  const secret = await sources.secret(secretId!.replace(/:+$/, ''));
  const jsonKey = key?.split(':')[1];
  return jsonKey ? String(JSON.parse(secret)[jsonKey]) : secret;
}
