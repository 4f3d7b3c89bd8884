/** The checks of `kubeadm join`, with kubeadm's wording. */
import { knowsTokenId, validBootstrapToken } from '../apiserver/auth/bootstrap-tokens.ts';
import type { JoinSettings } from './config.ts';
import type { ControlPlane } from './control-plane.ts';

/** @throws Error when the API server cannot be reached or trusted, or does not know the token */
export function checkJoin(controlPlane: ControlPlane | undefined, join: JoinSettings): ControlPlane {
  const { endpoint, token, caCertHashes } = join;
  if (controlPlane === undefined || controlPlane.endpoint !== endpoint) {
    throw untrusted(
      `failed to request the cluster-info ConfigMap: Get "https://${endpoint}/api/v1/namespaces/kube-public/configmaps/cluster-info?timeout=10s": dial tcp ${endpoint}: connect: connection refused`,
    );
  }
  const id = token.split('.')[0];
  if (!knowsTokenId(controlPlane.objects, token)) {
    throw untrusted(`could not find a JWS signature in the cluster-info ConfigMap for token ID "${id}"`);
  }
  if (!validBootstrapToken(controlPlane.objects, token)) {
    throw untrusted("failed to verify JWS signature of received cluster info object, can't trust this API Server");
  }
  const hash = controlPlane.ca.publicKeyHash;
  if (caCertHashes.length === 0 && !join.unsafeSkipCaVerification) {
    throw new Error(
      'discovery.bootstrapToken: Invalid value: "": using token-based discovery without caCertHashes can be unsafe. Set unsafeSkipCAVerification as true in your kubeadm config file or pass --discovery-token-unsafe-skip-ca-verification flag to continue',
    );
  }
  if (caCertHashes.length > 0 && !caCertHashes.includes(hash)) {
    throw untrusted(
      `cluster CA found in cluster-info ConfigMap is invalid: none of the public keys "${hash}" are pinned`,
    );
  }
  return controlPlane;
}

function untrusted(why: string): Error {
  return new Error(`error execution phase preflight: couldn't validate the identity of the API Server: ${why}`);
}
