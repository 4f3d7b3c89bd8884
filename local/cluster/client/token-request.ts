/** The TokenRequest API: POST of serviceaccounts/<name>/token. */

export interface TokenRequest {
  readonly namespace: string;
  readonly serviceAccountName: string;
  /** Empty: the API server's own. */
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  /** The pod that the token dies with. */
  readonly pod?: { readonly name: string; readonly uid: string };
}

export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/** @throws ApiError NotFound without such a service account, BadRequest for a duration below ten minutes */
export type RequestToken = (request: TokenRequest) => Promise<IssuedToken>;
