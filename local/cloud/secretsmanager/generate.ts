import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { templateBoolean, templateNumber } from '../resource.ts';

const flag = templateBoolean.default(false);

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html */
export const generateSecretStringProperties = z.object({
  PasswordLength: templateNumber.default(32),
  ExcludeCharacters: z.string().default(''),
  ExcludeLowercase: flag,
  ExcludeUppercase: flag,
  ExcludeNumbers: flag,
  ExcludePunctuation: flag,
  IncludeSpace: flag,
  /** JSON object to which the password is added, under `GenerateStringKey`. */
  SecretStringTemplate: z.string().optional(),
  GenerateStringKey: z.string().optional(),
});

type GenerateOptions = z.output<typeof generateSecretStringProperties>;

export function generateSecretString(options: GenerateOptions): string {
  const password = generatePassword(options);
  if (options.SecretStringTemplate === undefined || options.GenerateStringKey === undefined) return password;
  return JSON.stringify({ ...JSON.parse(options.SecretStringTemplate), [options.GenerateStringKey]: password });
}

function generatePassword(options: GenerateOptions): string {
  const characters = [
    options.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    options.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    options.ExcludeNumbers ? '' : '0123456789',
    options.ExcludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    options.IncludeSpace ? ' ' : '',
  ].join('');
  const allowed = [...characters].filter((character) => !options.ExcludeCharacters.includes(character));
  return Array.from({ length: options.PasswordLength }, () => allowed[randomInt(allowed.length)]).join('');
}
