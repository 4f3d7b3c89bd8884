/** Secrets and their versions. */
import { randomInt, randomUUID } from 'node:crypto';
import { ServiceError } from '../service.ts';

export interface SecretVersion {
  readonly id: string;
  readonly value: { readonly SecretString: string } | { readonly SecretBinary: string };
  readonly createdAt: Date;
  /** AWSCURRENT, AWSPREVIOUS or a label of the caller's. */
  stages: readonly string[];
}

export interface Secret {
  readonly name: string;
  readonly arn: string;
  description: string | undefined;
  readonly createdAt: Date;
  /** Oldest first; empty until someone puts a value. */
  readonly versions: SecretVersion[];
}

export type SecretStore = Map<string, Secret>;

export function newSecret(name: string, arnPrefix: string, description: string | undefined): Secret {
  // AWS appends six characters, so that a secret created again under its old name has another ARN.
  return { name, arn: `${arnPrefix}${name}-${randomText(6)}`, description, createdAt: new Date(), versions: [] };
}

/** By name, ARN or ARN without its six characters. @throws ServiceError ResourceNotFoundException */
export function requireSecret(secrets: SecretStore, id: unknown): Secret {
  const secret = findSecret(secrets, String(id));
  if (secret === undefined) {
    throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }
  return secret;
}

export function findSecret(secrets: SecretStore, id: string): Secret | undefined {
  return [...secrets.values()].find(({ name, arn }) => id === name || id === arn || id === arn.slice(0, -7));
}

/** The version with a stage or id. @throws ServiceError ResourceNotFoundException while the secret has no such value */
export function requireVersion(secret: Secret, { stage = 'AWSCURRENT', versionId = '' }): SecretVersion {
  const version = secret.versions.find(({ id, stages }) => (versionId ? id === versionId : stages.includes(stage)));
  if (version === undefined) {
    const which = versionId ? `VersionId: ${versionId}` : `staging label: ${stage}`;
    throw new ServiceError(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for ${which}`,
    );
  }
  return version;
}

/** Adds a version; the one that was AWSCURRENT becomes AWSPREVIOUS. The same id and value again changes nothing. */
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
