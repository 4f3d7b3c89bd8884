import { physicalName } from '../physical-name.ts';
import type { CloudCore, CloudModule, TemplateResource } from '../service.ts';
import { generateSecretString } from './generate.ts';
import { secretOperations } from './operations.ts';
import { findSecret, newSecret, putVersion, type SecretStore } from './store.ts';

/** Secrets Manager: values live in the twin's memory only. */
export function createSecretsManagerModule(core: CloudCore): CloudModule {
  const secrets: SecretStore = new Map();
  const arnPrefix = `arn:aws:secretsmanager:${core.region}:${core.accountId}:secret:`;

  /** A secret with neither SecretString nor GenerateSecretString has no value until someone puts one. */
  function createSecret({ logicalId, properties }: TemplateResource) {
    const name: string = properties.Name ?? physicalName(core.options.stackName, logicalId);
    const secret = newSecret(name, arnPrefix, properties.Description);
    secrets.set(name, secret);
    const SecretString: string | undefined =
      properties.GenerateSecretString === undefined
        ? properties.SecretString
        : generateSecretString(properties.GenerateSecretString);
    if (SecretString !== undefined) putVersion(secret, { SecretString });
    return { ref: secret.arn, attributes: { Id: secret.arn } };
  }

  return {
    services: [
      {
        name: 'secretsmanager',
        operations: secretOperations(secrets, arnPrefix),
        resourcesOf: (operation, input) => {
          if (operation === 'ListSecrets') return [];
          if (operation === 'CreateSecret') return [`${arnPrefix}${input['Name']}-??????`];
          const id = String(input['SecretId']);
          return [findSecret(secrets, id)?.arn ?? (id.startsWith('arn:') ? id : `${arnPrefix}${id}-??????`)];
        },
      },
    ],
    providers: [{ type: 'AWS::SecretsManager::Secret', create: createSecret }],
  };
}
