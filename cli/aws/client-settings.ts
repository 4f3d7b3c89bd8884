export interface Account {
  readonly region: string;
  /** A profile of the AWS configuration files. @default the AWS environment variables decide */
  readonly profile?: string | undefined;
}

/** How every AWS client of the command line is made: a person waits, so an endpoint that hangs is an error in half a minute. */
export function clientSettings({ region, profile }: Account) {
  return {
    region,
    ...(profile !== undefined && { profile }),
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  };
}
