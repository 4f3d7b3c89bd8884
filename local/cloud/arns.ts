/** Amazon Resource Names. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */

export interface Account {
  readonly accountId: string;
  readonly region: string;
}

/** arn:aws:<service>:<region>:<account>:<resource> */
export function arnOf({ accountId, region }: Account, service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}

/** IAM and STS are global services: their ARNs name no region. */
export function globalArnOf(accountId: string, service: 'iam' | 'sts', resource: string): string {
  return `arn:aws:${service}::${accountId}:${resource}`;
}

/** Bucket names are unique in the world: the ARNs of buckets and objects name neither region nor account. */
export function s3ArnOf(bucket: string, key?: string): string {
  return `arn:aws:s3:::${bucket}${key === undefined ? '' : `/${key}`}`;
}

export interface ParsedArn extends Account {
  readonly service: string;
  /** Everything after the account, e.g. 'function:finish-command'. */
  readonly resource: string;
}

export function parseArn(arn: string): ParsedArn {
  const [, , service = '', region = '', accountId = '', ...resource] = arn.split(':');
  return { service, region, accountId, resource: resource.join(':') };
}
