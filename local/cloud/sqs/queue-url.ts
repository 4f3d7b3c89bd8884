import { parseArn } from '../arns.ts';

/** The URL by which a queue is known to the AWS services that send to it. The twin reads only the name at its end. */
export function queueUrlOf(queueArn: string): string {
  const { region, accountId, resource } = parseArn(queueArn);
  return `https://sqs.${region}.amazonaws.com/${accountId}/${resource}`;
}

/** The queue's name, which ends every form of its URL. */
export function queueNameOf(queueUrl: string): string {
  return queueUrl.split('/').at(-1)!;
}
