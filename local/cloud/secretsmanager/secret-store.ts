/** Secrets and their versions. */
import { randomInt, randomUUID } from 'node:crypto';
import { ServiceError } from '../service-error.ts';

export interface SecretVersion {
  readonly id: string;
  readonly value: { readonly SecretString: string } | { readonly SecretBinary: string };
  readonly createdAt: Date;
  /** Staging labels: AWSCURRENT, AWSPREVIOUS or none. */
  stages: readonly string[];
}

export interface Secret {
  readonly name: string;
  readonly arn: string;
  description: string | undefined;
  readonly createdAt: Date;
  /** Oldest first; empty until a value is put. */
  readonly versions: SecretVersion[];
}

export type SecretStore = Map<string, Secret>;

const suffixLength = 6;

export function newSecret(name: string, arnPrefix: string, description: string | undefined): Secret {
  // A secret that is created again under the same name has another ARN, as on AWS.
  return {
    name,
    arn: `${arnPrefix}${name}-${randomText(suffixLength)}`,
    description,
    createdAt: new Date(),
    versions: [],
  };
}

/** By name, ARN or partial ARN (without the random suffix). @throws ServiceError ResourceNotFoundException */
export function requireSecret(secrets: SecretStore, id: string): Secret {
  const secret = findSecret(secrets, id);
  if (secret === undefined) {
    throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }
  return secret;
}

export function findSecret(secrets: SecretStore, id: string): Secret | undefined {
  return [...secrets.values()].find(
    ({ name, arn }) => id === name || id === arn || id === arn.slice(0, -(suffixLength + 1)),
  );
}

/**
 * The version with an id, or with a staging label.
 * @throws ServiceError ResourceNotFoundException when the secret has no such version
 */
export function requireVersion(secret: Secret, stage: string, versionId: string | undefined): SecretVersion {
  const version = secret.versions.find(({ id, stages }) =>
    versionId === undefined ? stages.includes(stage) : id === versionId,
  );
  if (version === undefined) {
    const which = versionId === undefined ? `staging label: ${stage}` : `VersionId: ${versionId}`;
    throw new ServiceError(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for ${which}`,
    );
  }
  return version;
}

/**
 * Adds a version as AWSCURRENT; the one that was it becomes AWSPREVIOUS. Repeating a version's id and value changes nothing.
 * @throws ServiceError ResourceExistsException for the id of a version with another value
 */
export function putVersion(secret: Secret, value: SecretVersion['value'], id: string = randomUUID()): SecretVersion {
  const existing = secret.versions.find((version) => version.id === id);
  if (existing !== undefined) {
    if (JSON.stringify(existing.value) === JSON.stringify(value)) return existing;
    throw new ServiceError(
      'ResourceExistsException',
      `A resource with the ID you requested already exists: version ${id} has another value.`,
    );
  }
  for (const version of secret.versions) {
    const wasCurrent = version.stages.includes('AWSCURRENT');
    version.stages = wasCurrent ? ['AWSPREVIOUS'] : version.stages.filter((stage) => stage !== 'AWSPREVIOUS');
  }
  const version = { id, value, createdAt: new Date(), stages: ['AWSCURRENT'] };
  secret.versions.push(version);
  return version;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function randomText(length: number): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
}
