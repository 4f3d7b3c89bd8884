import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from '../lib/nag.ts';

export interface ClusterSecretsProps {
  readonly clusterName: string;
}

/** Users with a kubeconfig; their permissions are the RBAC in workloads/addons/cluster-access. */
export type KubernetesUser = 'deployer' | 'drainer' | 'viewer';
const kubernetesUsers: readonly KubernetesUser[] = ['deployer', 'drainer', 'viewer'];

/** The cluster's secrets. State machines and documents handle their names only. */
export class ClusterSecrets extends Construct {
  /** JSON {token}, without a value until a person stores one: what is not in the template is not overwritten by a deployment. */
  readonly telegram: CfnSecret;
  /** JSON {endpoint, token, caCertHash, expiresAt}; without a value until the control plane stores one. */
  readonly join: CfnSecret;
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
    const kubeconfig = (user: KubernetesUser) =>
      new CfnSecret(this, `Kubeconfig${user[0]?.toUpperCase()}${user.slice(1)}`, {
        name: `${clusterName}/kubeconfig/${user}`,
        description: `Kubeconfig of stepkube's ${user}`,
      });
    this.kubeconfigs = {
      deployer: kubeconfig('deployer'),
      drainer: kubeconfig('drainer'),
      viewer: kubeconfig('viewer'),
    };

    acknowledge(this, {
      SMG4: 'A rotation function cannot make these: BotFather issues the token, and the control plane issues the join and kubeconfig credentials with an expiry.',
    });
  }

  /** ARNs of the secrets that the documents on the control plane write. */
  get writtenByControlPlane(): string[] {
    return [this.join.ref, ...kubernetesUsers.map((user) => this.kubeconfigs[user].ref)];
  }
}
