import { randomUUID } from 'node:crypto';
import { ServiceError } from '../service-error.ts';

const prefix = 'receipt:';

export function newReceiptHandle(): string {
  return Buffer.from(`${prefix}${randomUUID()}`).toString('base64');
}

/** @throws ServiceError ReceiptHandleIsInvalid for text that no receive has returned */
export function checkReceiptHandle(receiptHandle: string): void {
  if (Buffer.from(receiptHandle, 'base64').toString('utf8').startsWith(prefix)) return;
  throw new ServiceError(
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${receiptHandle}" is not a valid receipt handle.`,
  );
}
