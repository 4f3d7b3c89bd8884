/** Checksums of bodies. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import { ServiceError } from '../service-error.ts';

/** By the name in `x-amz-checksum-<name>`, the bytes of a checksum. */
const algorithmBytes = { crc32: 4, crc32c: 4, crc64nvme: 8, sha1: 20, sha256: 32 } as const;

export type ChecksumAlgorithm = keyof typeof algorithmBytes;

export interface BodyChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64. */
  readonly value: string;
}

const headerPrefix = 'x-amz-checksum-';
/** Headers that begin like a checksum and are none. */
const otherHeaders = new Set(['x-amz-checksum-mode', 'x-amz-checksum-type', 'x-amz-checksum-algorithm']);

/**
 * The checksum that a caller gave with a body, in a header or a trailer.
 * @throws ServiceError InvalidRequest for more than one and for a value that is none; NotImplemented (501)
 */
export function givenChecksum(headers: Readonly<Record<string, unknown>>): BodyChecksum | undefined {
  const names = Object.keys(headers).filter((name) => name.startsWith(headerPrefix) && !otherHeaders.has(name));
  const [name] = names;
  if (name === undefined) return undefined;
  if (names.length > 1)
    throw new ServiceError(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  const algorithm = name.slice(headerPrefix.length);
  if (!isAlgorithm(algorithm))
    throw new ServiceError('NotImplemented', `the twin does not verify ${algorithm} checksums`, 501);
  const value = String(headers[name]);
  if (Buffer.from(value, 'base64').length !== algorithmBytes[algorithm])
    throw new ServiceError('InvalidRequest', `Value for ${name} header is invalid.`);
  return { algorithm, value };
}

function isAlgorithm(name: string): name is ChecksumAlgorithm {
  return Object.hasOwn(algorithmBytes, name);
}

export async function checksumOf(algorithm: ChecksumAlgorithm, body: Uint8Array): Promise<BodyChecksum> {
  return { algorithm, value: Buffer.from(await digest(algorithm, body)).toString('base64') };
}

async function digest(algorithm: ChecksumAlgorithm, body: Uint8Array): Promise<Uint8Array> {
  switch (algorithm) {
    case 'crc32': {
      const bytes = Buffer.alloc(algorithmBytes.crc32);
      bytes.writeUInt32BE(crc32(body));
      return bytes;
    }
    case 'crc32c':
    case 'crc64nvme': {
      const crc = algorithm === 'crc32c' ? new Crc32c() : new Crc64Nvme();
      crc.update(body);
      return crc.digest();
    }
    default:
      return createHash(algorithm).update(body).digest();
  }
}
