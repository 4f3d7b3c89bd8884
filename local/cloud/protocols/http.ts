/** HTTP as the protocols see it. */

/** Body read, its checksums verified and any aws-chunked encoding removed. */
export interface HttpRequest {
  readonly method: string;
  /** Decoded; begins with the bucket, also for virtual-hosted-style requests to S3. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names; trailers included. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}
