/**
 * Settings of every AWS client of the services. Region, credentials (the pod's projected token) and endpoint come from the
 * standard AWS environment variables.
 */
export const awsClientSettings = {
  maxAttempts: 4,
  /** Longer than the 20 s of an SQS long poll. */
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
} as const;

/** The second argument of an AWS client's `send`: with `exactOptionalPropertyTypes` an absent signal must be left out. */
export const abortOptions = (abortSignal: AbortSignal | undefined) =>
  abortSignal === undefined ? {} : { abortSignal };
