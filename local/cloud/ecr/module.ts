import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { operation } from '../operation.ts';
import type { CloudCore, CloudModule } from '../service.ts';

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html */
const tokenSeconds = 12 * 3600;

/** ECR: passwords of the account's registry. There is no registry: the twin's kubelets have their images already. */
export function createEcrModule(core: CloudCore): CloudModule {
  const host = `${core.accountId}.dkr.ecr.${core.region}.amazonaws.com`;
  return {
    services: [
      {
        name: 'ecr',
        operations: {
          GetAuthorizationToken: operation(z.object({ registryIds: z.array(z.string()).optional() }), () => ({
            authorizationData: [
              {
                authorizationToken: Buffer.from(`AWS:${randomBytes(600).toString('base64')}`).toString('base64'),
                expiresAt: new Date(core.context.time.now() + tokenSeconds * 1000),
                proxyEndpoint: `https://${host}`,
              },
            ],
          })),
        },
      },
    ],
    providers: [],
  };
}
