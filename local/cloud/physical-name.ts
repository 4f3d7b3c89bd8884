import { createHash } from 'node:crypto';

const suffixLength = 12;

/**
 * The physical name of a resource for which the template gives none. CloudFormation ends it in random characters; the twin's is
 * the same in every run, so that the logs of two runs can be compared.
 */
export function physicalName(stackName: string, logicalId: string, maxLength = 64): string {
  const prefix = `${stackName}-${logicalId}`.slice(0, maxLength - suffixLength - 1);
  return `${prefix}-${shortHash(`${stackName}/${logicalId}`, suffixLength)}`;
}

/** Ids such as vpc-0a1b2c3d4e5f60718. */
export function physicalId(prefix: string, stackName: string, logicalId: string): string {
  return `${prefix}-0${shortHash(`${stackName}/${logicalId}`, 16)}`;
}

function shortHash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
