import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { clientSettings } from '../aws/client-settings.ts';
import type { SecretStatus } from './status.ts';

const names = [
  'telegram',
  'join',
  'pull',
  ...['deployer', 'drainer', 'puller', 'viewer'].map((user) => `kubeconfig/${user}`),
];

/** When each secret of the cluster got its value. The values are not read. */
export function readSecrets(
  settings: ReturnType<typeof clientSettings>,
  cluster: string,
  abortSignal: AbortSignal,
): Promise<readonly SecretStatus[]> {
  const client = new SecretsManagerClient(settings);
  return Promise.all(
    names.map(async (last) => {
      const name = `${cluster}/${last}`;
      const command = new DescribeSecretCommand({ SecretId: name });
      const { VersionIdsToStages = {}, LastChangedDate } = await client.send(command, { abortSignal });
      const hasValue = Object.keys(VersionIdsToStages).length > 0;
      return { name, ...(hasValue && LastChangedDate && { changedAt: LastChangedDate.toISOString() }) };
    }),
  );
}
