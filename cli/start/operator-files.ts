import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { kubectlPath } from '@stepkube/tools/kubectl.ts';
import type { Twin } from '#local/twin.ts';

const validitySeconds = 86_400;

/**
 * Writes what other programs need to work with the twin: a kubeconfig with every right, and a file to be sourced, after which aws, kubectl
 * and ./stepkube go to the twin. Both go with the twin's folder.
 * @returns path of the file to be sourced
 */
export async function writeOperatorFiles({ context, cloud, cluster }: Twin): Promise<string> {
  const kubeconfig = join(context.root, 'operator.kubeconfig');
  const user = { clientName: 'operator', organizations: ['system:masters'], validitySeconds };
  await writeFile(kubeconfig, await cluster.issueKubeconfig(user), { mode: 0o600 });

  const { accessKeyId, secretAccessKey, sessionToken } = cloud.operatorCredentials;
  const variables = {
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_REGION: cloud.region,
    AWS_DEFAULT_REGION: cloud.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    KUBECONFIG: kubeconfig,
  };
  const lines = [
    // A profile would win over the variables.
    'unset AWS_PROFILE',
    ...Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`),
    `export PATH="$PATH:${dirname(await kubectlPath())}"`,
  ];
  const file = join(context.root, 'operator.env');
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return file;
}
