import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { clientSettings } from '../aws/client-settings.ts';
import type { SecretStatus } from './status.ts';

/** More than a cluster has. */
const maxSecrets = 100;

/** When each secret of the cluster got its value. The values are not read. */
export async function readSecrets(
  settings: ReturnType<typeof clientSettings>,
  cluster: string,
  abortSignal: AbortSignal,
): Promise<readonly SecretStatus[]> {
  const ofCluster = { Filters: [{ Key: 'name' as const, Values: [`${cluster}/`] }], MaxResults: maxSecrets };
  const { SecretList = [] } = await new SecretsManagerClient(settings).send(new ListSecretsCommand(ofCluster), {
    abortSignal,
  });
  return SecretList.map(({ Name = '', SecretVersionsToStages = {}, LastChangedDate }) => ({
    name: Name,
    ...(Object.keys(SecretVersionsToStages).length > 0 &&
      LastChangedDate && { changedAt: LastChangedDate.toISOString() }),
  })).toSorted((a, b) => a.name.localeCompare(b.name));
}
