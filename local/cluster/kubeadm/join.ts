/** The checks of `kubeadm join`, with kubeadm's errors. */
import {
  bootstrapSecretName,
  bootstrapTokenId,
  bootstrapTokenNamespace,
  holdsBootstrapToken,
  isBootstrapTokenExpired,
} from '../apimachinery/bootstrap-token.ts';
import { types } from '../apimachinery/builtin-types.ts';
import type { JoinSettings } from './config.ts';
import type { ControlPlane } from './control-plane.ts';

/**
 * @param now Unix milliseconds
 * @throws Error when the API server cannot be reached or trusted, or does not know the token
 */
export function checkJoin(controlPlane: ControlPlane | undefined, join: JoinSettings, now: number): ControlPlane {
  const { endpoint } = join;
  if (controlPlane === undefined || controlPlane.endpoint !== endpoint) {
    const url = `https://${endpoint}/api/v1/namespaces/kube-public/configmaps/cluster-info?timeout=10s`;
    throw untrusted(
      `failed to request the cluster-info ConfigMap: Get "${url}": dial tcp ${endpoint}: connect: connection refused`,
    );
  }
  checkToken(controlPlane, join.token, now);
  checkCaHash(controlPlane, join);
  return controlPlane;
}

/** A token that exists signs cluster-info; one with the right id and the wrong secret makes the signature invalid. */
function checkToken({ client }: ControlPlane, token: string, now: number): void {
  const secret = client.find(types.secrets, bootstrapTokenNamespace, bootstrapSecretName(token));
  if (!secret || isBootstrapTokenExpired(secret, now)) {
    const id = bootstrapTokenId(token);
    throw untrusted(`could not find a JWS signature in the cluster-info ConfigMap for token ID "${id}"`);
  }
  if (!holdsBootstrapToken(secret, token)) {
    throw untrusted("failed to verify JWS signature of received cluster info object, can't trust this API Server");
  }
}

function checkCaHash({ ca }: ControlPlane, { caCertHashes, unsafeSkipCaVerification }: JoinSettings): void {
  if (caCertHashes.length === 0) {
    if (unsafeSkipCaVerification) return;
    throw new Error(
      'discovery.bootstrapToken: Invalid value: "": using token-based discovery without caCertHashes can be unsafe. Set unsafeSkipCAVerification as true in your kubeadm config file or pass --discovery-token-unsafe-skip-ca-verification flag to continue',
    );
  }
  if (caCertHashes.includes(ca.publicKeyHash)) return;
  throw untrusted(
    `cluster CA found in cluster-info ConfigMap is invalid: none of the public keys "${ca.publicKeyHash}" are pinned`,
  );
}

function untrusted(reason: string): Error {
  return new Error(`error execution phase preflight: couldn't validate the identity of the API Server: ${reason}`);
}
