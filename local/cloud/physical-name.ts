import { createHash } from 'node:crypto';

/** CloudFormation's names end in random characters; the twin's are the same in every run, so that logs compare. */
export function physicalName(stackName: string, logicalId: string, longest = 64): string {
  const suffix = shortHash(`${stackName}/${logicalId}`, 12);
  return `${`${stackName}-${logicalId}`.slice(0, longest - suffix.length - 1)}-${suffix}`;
}

/** Ids such as vpc-0a1b2c3d4e5f60718. */
export function physicalId(prefix: string, stackName: string, logicalId: string): string {
  return `${prefix}-0${shortHash(`${stackName}/${logicalId}`, 16)}`;
}

function shortHash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
