import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** The picture is not in the bucket: it has expired or was never stored. */
export class PictureMissingError extends Error {
  override readonly name = 'PictureMissingError';
}

/** The pictures bucket. */
export class Pictures {
  private readonly s3: S3Client;
  private readonly bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.s3 = s3;
    this.bucket = bucket;
  }

  /** @throws PictureMissingError */
  async get(key: string, abortSignal?: AbortSignal): Promise<Buffer> {
    try {
      const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }), within(abortSignal));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    } catch (error) {
      if (error instanceof NoSuchKey)
        throw new PictureMissingError(`${key} is not in ${this.bucket}`, { cause: error });
      throw error;
    }
  }

  async put(key: string, bytes: Uint8Array, contentType: string, abortSignal?: AbortSignal): Promise<void> {
    await this.s3.send(
      new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: bytes, ContentType: contentType }),
      within(abortSignal),
    );
  }
}

const within = (abortSignal: AbortSignal | undefined) => (abortSignal === undefined ? {} : { abortSignal });
