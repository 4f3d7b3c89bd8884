import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { abortOptions } from './aws.ts';

/** The object is not in the bucket: it has expired or was never stored. */
export class ImageNotFoundError extends Error {
  override readonly name = 'ImageNotFoundError';
}

/** The pictures bucket. */
export class ImageStore {
  readonly #s3: S3Client;
  readonly #bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
  }

  /** @throws ImageNotFoundError */
  async get(key: string, abortSignal?: AbortSignal): Promise<Buffer> {
    try {
      const command = new GetObjectCommand({ Bucket: this.#bucket, Key: key });
      const { Body } = await this.#s3.send(command, abortOptions(abortSignal));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    } catch (error) {
      if (error instanceof NoSuchKey)
        throw new ImageNotFoundError(`${key} is not in ${this.#bucket}`, { cause: error });
      throw error;
    }
  }

  async put(key: string, bytes: Uint8Array, contentType: string, abortSignal?: AbortSignal): Promise<void> {
    const command = new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: bytes, ContentType: contentType });
    await this.#s3.send(command, abortOptions(abortSignal));
  }
}
