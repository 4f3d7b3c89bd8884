/**
 * Settings of every AWS client of the functions. A module makes its own client (`new SSMClient(clientSettings)`), so that
 * a bundle holds only the clients it uses. The time limits are in milliseconds, and shorter than those of the services
 * (workloads/shared/service/aws.ts), which long-poll: here a hanging endpoint must not use up the function's own timeout.
 */
export const clientSettings = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};
