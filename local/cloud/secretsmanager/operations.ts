/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html */
import { z } from 'zod';
import { type Operation, operation } from '../operation.ts';
import { ServiceError } from '../service-error.ts';
import {
  findSecret,
  moveStage,
  newSecret,
  putVersion,
  requireSecret,
  requireVersion,
  type Secret,
  type SecretStore,
  type SecretVersion,
} from './secret-store.ts';

const secretInput = z.object({ SecretId: z.string() });
const listInput = z.object({
  Filters: z
    .array(
      z.object({ Key: z.literal('name', { error: 'the twin filters by name only' }), Values: z.array(z.string()) }),
    )
    .default([]),
  MaxResults: z.number().int().min(1).max(100).default(100),
});
const valueInput = z.object({
  SecretString: z.string().optional(),
  /** Base64 */
  SecretBinary: z.string().optional(),
  ClientRequestToken: z.string().min(32).max(64).optional(),
});
const description = z.string().optional();
const createInput = valueInput.extend({ Name: z.string(), Description: description });
const getValueInput = secretInput.extend({
  VersionStage: z.string().default('AWSCURRENT'),
  VersionId: z.string().optional(),
});
const putValueInput = secretInput.extend({
  ...valueInput.shape,
  VersionStages: z.array(z.string().min(1).max(256)).min(1).max(20).optional(),
});
const updateInput = secretInput.extend({ ...valueInput.shape, Description: description });
const moveStageInput = secretInput.extend({
  VersionStage: z.string(),
  MoveToVersionId: z.string().optional(),
  RemoveFromVersionId: z.string().optional(),
});

export function secretOperations(secrets: SecretStore, arnPrefix: string): Readonly<Record<string, Operation>> {
  return {
    CreateSecret: operation(createInput, ({ Name, Description, ...input }) => {
      if (findSecret(secrets, Name) !== undefined) {
        const message = `The operation failed because the secret ${Name} already exists.`;
        throw new ServiceError('ResourceExistsException', message);
      }
      const secret = newSecret(Name, arnPrefix, Description);
      secrets.set(secret.name, secret);
      return { ...namesOf(secret), VersionId: putGivenValue(secret, input)?.id };
    }),

    GetSecretValue: operation(getValueInput, ({ SecretId, VersionStage, VersionId }) => {
      const secret = requireSecret(secrets, SecretId);
      const version = requireVersion(secret, VersionStage, VersionId);
      return {
        ...namesOf(secret),
        VersionId: version.id,
        VersionStages: version.stages,
        CreatedDate: version.createdAt,
        ...version.value,
      };
    }),

    PutSecretValue: operation(putValueInput, ({ SecretId, VersionStages, ...input }) => {
      const secret = requireSecret(secrets, SecretId);
      const version = putGivenValue(secret, input, VersionStages);
      if (version === undefined) {
        throw new ServiceError('InvalidParameterException', 'You must provide either SecretString or SecretBinary.');
      }
      return { ...namesOf(secret), VersionId: version.id, VersionStages: version.stages };
    }),

    UpdateSecretVersionStage: operation(moveStageInput, (input) => {
      const { SecretId, VersionStage, MoveToVersionId, RemoveFromVersionId } = input;
      const secret = requireSecret(secrets, SecretId);
      const holder = secret.versions.find(({ stages }) => stages.includes(VersionStage));
      if (holder !== undefined && holder.id !== RemoveFromVersionId && holder.id !== MoveToVersionId) {
        const message = `The parameter RemoveFromVersionId can't be empty. Staging label ${VersionStage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`;
        throw new ServiceError('InvalidParameterException', message);
      }
      moveStage(
        secret,
        VersionStage,
        MoveToVersionId === undefined ? undefined : requireVersion(secret, VersionStage, MoveToVersionId),
      );
      return namesOf(secret);
    }),

    UpdateSecret: operation(updateInput, ({ SecretId, Description, ...input }) => {
      const secret = requireSecret(secrets, SecretId);
      secret.description = Description ?? secret.description;
      return { ...namesOf(secret), VersionId: putGivenValue(secret, input)?.id };
    }),

    DescribeSecret: operation(secretInput, ({ SecretId }) => describe(requireSecret(secrets, SecretId))),

    ListSecrets: operation(listInput, ({ Filters, MaxResults }) => ({
      SecretList: [...secrets.values()]
        .filter(({ name }) => Filters.every(({ Values }) => Values.some((prefix) => name.startsWith(prefix))))
        .slice(0, MaxResults)
        .map((secret) => {
          const { VersionIdsToStages, ...entry } = describe(secret);
          return { ...entry, SecretVersionsToStages: VersionIdsToStages };
        }),
    })),

    DeleteSecret: operation(secretInput, ({ SecretId }) => {
      const secret = requireSecret(secrets, SecretId);
      secrets.delete(secret.name);
      return { ...namesOf(secret), DeletionDate: new Date() };
    }),
  };
}

/** @returns undefined when the input has no value */
function putGivenValue(
  secret: Secret,
  input: z.output<typeof valueInput>,
  stages?: readonly string[],
): SecretVersion | undefined {
  const { SecretString, SecretBinary, ClientRequestToken: id } = input;
  const version = { ...(id === undefined ? {} : { id }), ...(stages === undefined ? {} : { stages }) };
  if (SecretString !== undefined) return putVersion(secret, { SecretString }, version);
  if (SecretBinary !== undefined) return putVersion(secret, { SecretBinary }, version);
  return undefined;
}

function namesOf({ name, arn }: Secret) {
  return { ARN: arn, Name: name };
}

function describe(secret: Secret) {
  return {
    ...namesOf(secret),
    Description: secret.description,
    CreatedDate: secret.createdAt,
    LastChangedDate: secret.versions.at(-1)?.createdAt ?? secret.createdAt,
    VersionIdsToStages: Object.fromEntries(secret.versions.map(({ id, stages }) => [id, stages])),
  };
}
