/**
 * Settings that every AWS client of the services shares. Region, credentials (the pod's projected token) and endpoint
 * come from the standard AWS environment variables.
 */
export const awsClientSettings = {
  maxAttempts: 4,
  /** Longer than the 20 s of a long poll. */
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
} as const;
