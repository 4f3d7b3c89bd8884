import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from '../lib/nag.ts';

export interface ClusterSecretsProps {
  readonly clusterName: string;
}

/** Users with a kubeconfig; their permissions are the RBAC in workloads/addons/cluster-access. */
export type KubernetesUser = 'deployer' | 'drainer' | 'puller' | 'viewer';
const kubernetesUsers: readonly KubernetesUser[] = ['deployer', 'drainer', 'puller', 'viewer'];

/** The cluster's secrets. State machines and documents handle their names only. */
export class ClusterSecrets extends Construct {
  /** JSON {token}, without a value until a person stores one: what is not in the template is not overwritten by a deployment. */
  readonly telegram: CfnSecret;
  /** JSON {endpoint, token, caCertHash, expiresAt}; without a value until the control plane stores one. */
  readonly join: CfnSecret;
  /** The password of the account's registry as JSON {auths}; without a value until rotate-credentials stores one. */
  readonly pull: CfnSecret;
  /** Kubeconfig files by user; without a value until the control plane stores one. */
  readonly kubeconfigs: Readonly<Record<KubernetesUser, CfnSecret>>;

  constructor(scope: Construct, id: string, { clusterName }: ClusterSecretsProps) {
    super(scope, id);
    this.telegram = new CfnSecret(this, 'Telegram', {
      name: `${clusterName}/telegram`,
      description: 'Token of the bot: store {"token": "..."} yourself',
    });
    this.join = new CfnSecret(this, 'Join', {
      name: `${clusterName}/join`,
      description: 'What a worker needs to join: endpoint, bootstrap token and its expiry, hash of the CA',
    });
    this.pull = new CfnSecret(this, 'Pull', {
      name: `${clusterName}/pull`,
      description: "Password of the account's image registry, for the pull secret in every namespace",
    });
    const kubeconfig = (user: KubernetesUser) =>
      new CfnSecret(this, `Kubeconfig${user[0]?.toUpperCase()}${user.slice(1)}`, {
        name: `${clusterName}/kubeconfig/${user}`,
        description: `Kubeconfig of stepkube's ${user}`,
      });
    this.kubeconfigs = {
      deployer: kubeconfig('deployer'),
      drainer: kubeconfig('drainer'),
      puller: kubeconfig('puller'),
      viewer: kubeconfig('viewer'),
    };

    acknowledge(this, {
      SMG4: 'A rotation function cannot make these: BotFather issues the token, ECR the password, and the control plane the join and kubeconfig credentials, each with an expiry of its own.',
    });
  }

  /** ARNs of the secrets that the documents on the control plane write. */
  get writtenByControlPlane(): string[] {
    return [this.join.ref, ...kubernetesUsers.map((user) => this.kubeconfigs[user].ref)];
  }
}
