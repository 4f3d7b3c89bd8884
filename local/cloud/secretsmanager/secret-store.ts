/** Secrets and their versions. */
import { randomInt, randomUUID } from 'node:crypto';
import { ServiceError } from '../service-error.ts';

export interface SecretVersion {
  readonly id: string;
  readonly value: { readonly SecretString: string } | { readonly SecretBinary: string };
  readonly createdAt: Date;
  /** Staging labels such as AWSCURRENT, AWSPREVIOUS or AWSPENDING. */
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
 * Adds a version with staging labels, which other versions lose: AWSPENDING stays pending until UpdateSecretVersionStage moves
 * AWSCURRENT to it. Repeating a version's id and value changes nothing.
 * @throws ServiceError ResourceExistsException for the id of a version with another value
 */
export function putVersion(
  secret: Secret,
  value: SecretVersion['value'],
  { id = randomUUID(), stages = [current] }: { readonly id?: string; readonly stages?: readonly string[] } = {},
): SecretVersion {
  const existing = secret.versions.find((version) => version.id === id);
  if (existing !== undefined) {
    if (JSON.stringify(existing.value) === JSON.stringify(value)) return existing;
    throw new ServiceError(
      'ResourceExistsException',
      `A resource with the ID you requested already exists: version ${id} has another value.`,
    );
  }
  const version: SecretVersion = { id, value, createdAt: new Date(), stages: [] };
  secret.versions.push(version);
  for (const stage of stages) moveStage(secret, stage, version);
  return version;
}

/** Gives a staging label to a version, away from the one that has it; the one that was AWSCURRENT becomes AWSPREVIOUS. */
export function moveStage(secret: Secret, stage: string, to: SecretVersion | undefined): void {
  const from = secret.versions.find(({ stages }) => stages.includes(stage));
  if (from === to) return;
  if (from !== undefined) from.stages = from.stages.filter((one) => one !== stage);
  if (to !== undefined) to.stages = [...to.stages, stage];
  if (stage === current && from !== undefined) moveStage(secret, previous, from);
}

const current = 'AWSCURRENT';
const previous = 'AWSPREVIOUS';
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function randomText(length: number): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
}
