import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { resolveConfigOutput } from '#lambdas/shared/contracts.ts';
import { errorOf, type LambdaHandler, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const settings = {
  clusterName: 'stepkube',
  region: 'us-east-1',
  podCidr: '10.244.0.0/16',
  serviceCidr: '10.96.0.0/12',
  workers: 2,
  issuerBucket: 'issuer-bucket',
  issuerUrl: 'https://issuer-bucket.s3.us-east-1.amazonaws.com',
  manifestsUri: 's3://assets/manifests.zip',
};
const documents = {
  installRuntime: 'install-runtime',
  initControlPlane: 'init-control-plane',
  installNetwork: 'install-network',
  issueJoinCredentials: 'issue-join-credentials',
  joinNode: 'join-node',
} as const;

describe('resolve-config', () => {
  let handler: LambdaHandler;
  beforeEach(async () => {
    handler = await loadHandler('resolve-config', { CLUSTER_SETTINGS: JSON.stringify(settings) });
  });
  afterEach(() => vi.unstubAllEnvs());

  it.each([{}, { Comment: 'Insert your JSON here' }])('takes %j for the configured cluster', async (input) => {
    expect(resolveConfigOutput.parse(await handler(input, lambdaContext()))).toMatchObject({
      clusterName: 'stepkube',
      workers: 2,
    });
  });

  it('lets the input choose the number of workers', async () => {
    expect(await handler({ workers: 4 }, lambdaContext())).toMatchObject({ workers: 4 });
  });

  it.each([
    [{ worker: 3 }, 'worker'],
    [{ workers: 0 }, 'workers'],
    [{ workers: '3' }, 'workers'],
  ])('rejects %j naming the field', async (input, field) => {
    const error = await errorOf(handler(input, lambdaContext()));
    expect(error.name).toBe('InvalidInputError');
    expect(error.message).toContain(field);
  });

  it.each(Object.entries(documents))(
    "%s: hands over exactly the document's parameters, in their allowed form",
    async (key, folder) => {
      const { parameters } = resolveConfigOutput.parse(await handler({}, lambdaContext()));
      const document = JSON.parse(readFileSync(`ssm-documents/${folder}/document.json`, 'utf8')) as {
        parameters: Record<string, { allowedPattern: string }>;
      };
      const values = parameters[key as keyof typeof documents];
      expect(Object.keys(values).sort()).toEqual(Object.keys(document.parameters).sort());
      for (const [name, { allowedPattern }] of Object.entries(document.parameters)) {
        expect(values[name]).toMatch(new RegExp(allowedPattern));
      }
    },
  );
});
