import { z } from 'zod';
import { arnOf } from '../arns.ts';
import { physicalName } from '../physical-name.ts';
import { provider } from '../resource.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import { generateSecretString, generateSecretStringProperties } from './generate.ts';
import { secretOperations } from './operations.ts';
import { findSecret, newSecret, putVersion, type SecretStore } from './secret-store.ts';

/** Without SecretString and GenerateSecretString a secret has no value until one is put. */
const secretProperties = z.object({
  Name: z.string().optional(),
  Description: z.string().optional(),
  SecretString: z.string().optional(),
  GenerateSecretString: generateSecretStringProperties.optional(),
});

/** Stands for the random suffix of a secret's ARN in policies: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html */
const anySuffix = '-??????';

/** Secrets Manager: values are only in the twin's memory. */
export function createSecretsManagerModule(core: CloudCore): CloudModule {
  const secrets: SecretStore = new Map();
  const arnPrefix = arnOf(core, 'secretsmanager', 'secret:');

  const secretProvider = provider('AWS::SecretsManager::Secret', secretProperties, ({ logicalId, properties }) => {
    const { Name, Description, GenerateSecretString } = properties;
    const name = Name ?? physicalName(core.options.stackName, logicalId);
    const secret = newSecret(name, arnPrefix, Description);
    secrets.set(name, secret);
    const SecretString =
      GenerateSecretString === undefined ? properties.SecretString : generateSecretString(GenerateSecretString);
    if (SecretString !== undefined) putVersion(secret, { SecretString });
    return { ref: secret.arn, attributes: { Id: secret.arn } };
  });

  return {
    services: [
      {
        name: 'secretsmanager',
        operations: secretOperations(secrets, arnPrefix),
        resourcesOf: (operation, { Name, SecretId }) => {
          if (operation === 'ListSecrets') return [];
          if (operation === 'CreateSecret') return [`${arnPrefix}${Name}${anySuffix}`];
          const id = String(SecretId);
          return [findSecret(secrets, id)?.arn ?? (id.startsWith('arn:') ? id : `${arnPrefix}${id}${anySuffix}`)];
        },
      },
    ],
    providers: [secretProvider],
  };
}
