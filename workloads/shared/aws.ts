/**
 * Settings that every AWS client of the services shares. Region, credentials (the pod's projected token) and endpoint
 * come from the standard AWS environment variables.
 */
export const awsClientSettings = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000 },
} as const;
