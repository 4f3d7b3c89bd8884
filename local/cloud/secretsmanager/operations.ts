/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html */
import type { Operation } from '../service.ts';
import { ServiceError } from '../service.ts';
import {
  findSecret,
  newSecret,
  putVersion,
  requireSecret,
  requireVersion,
  type Secret,
  type SecretStore,
} from './store.ts';

interface ValueInput {
  readonly SecretString?: string;
  readonly SecretBinary?: string;
}

export function secretOperations(secrets: SecretStore, arnPrefix: string): Record<string, Operation> {
  return {
    CreateSecret: async (input) => {
      if (findSecret(secrets, input.Name) !== undefined) {
        throw new ServiceError(
          'ResourceExistsException',
          `The operation failed because the secret ${input.Name} already exists.`,
        );
      }
      const secret = newSecret(input.Name, arnPrefix, input.Description);
      secrets.set(secret.name, secret);
      const value = givenValue(input);
      return { ...identityOf(secret), VersionId: value && putVersion(secret, value, input.ClientRequestToken).id };
    },
    GetSecretValue: async (input) => {
      const secret = requireSecret(secrets, input.SecretId);
      const version = requireVersion(secret, { stage: input.VersionStage, versionId: input.VersionId });
      return {
        ...identityOf(secret),
        VersionId: version.id,
        VersionStages: version.stages,
        CreatedDate: version.createdAt,
        ...version.value,
      };
    },
    PutSecretValue: async (input) => {
      const secret = requireSecret(secrets, input.SecretId);
      const value = givenValue(input);
      if (value === undefined) {
        throw new ServiceError('InvalidParameterException', 'You must provide either SecretString or SecretBinary.');
      }
      const version = putVersion(secret, value, input.ClientRequestToken);
      return { ...identityOf(secret), VersionId: version.id, VersionStages: version.stages };
    },
    UpdateSecret: async (input) => {
      const secret = requireSecret(secrets, input.SecretId);
      secret.description = input.Description ?? secret.description;
      const value = givenValue(input);
      return { ...identityOf(secret), VersionId: value && putVersion(secret, value, input.ClientRequestToken).id };
    },
    DescribeSecret: async (input) => describe(requireSecret(secrets, input.SecretId)),
    ListSecrets: async () => ({ SecretList: [...secrets.values()].map(describe) }),
    DeleteSecret: async (input) => {
      const secret = requireSecret(secrets, input.SecretId);
      secrets.delete(secret.name);
      return { ...identityOf(secret), DeletionDate: new Date() };
    },
  };
}

function givenValue({ SecretString, SecretBinary }: ValueInput) {
  if (SecretString !== undefined) return { SecretString };
  return SecretBinary === undefined ? undefined : { SecretBinary };
}

function identityOf({ name, arn }: Secret) {
  return { ARN: arn, Name: name };
}

function describe(secret: Secret) {
  return {
    ...identityOf(secret),
    Description: secret.description,
    CreatedDate: secret.createdAt,
    LastChangedDate: secret.versions.at(-1)?.createdAt ?? secret.createdAt,
    VersionIdsToStages: Object.fromEntries(secret.versions.map(({ id, stages }) => [id, stages])),
  };
}
