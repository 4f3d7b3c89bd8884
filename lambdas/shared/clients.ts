/**
 * How every AWS client is made: `new SSMClient(clientSettings)` in the module that uses it, so that each function ships
 * only its own clients. An endpoint that hangs must cost seconds, not the function's whole timeout.
 */
export const clientSettings = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};
