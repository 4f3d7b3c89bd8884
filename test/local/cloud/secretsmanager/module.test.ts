import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCloud, type TestCloud } from '#support/cloud.ts';

let test: TestCloud;
let client: SecretsManagerClient;

beforeAll(async () => {
  test = await startTestCloud({
    resources: {
      Empty: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'test/join' } },
      Given: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'test/given', SecretString: 'plain' } },
      Generated: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: {
          Name: 'test/telegram',
          GenerateSecretString: {
            SecretStringTemplate: '{"token":""}',
            GenerateStringKey: 'webhookSecret',
            PasswordLength: 64,
            ExcludePunctuation: true,
          },
        },
      },
    },
    template: { Outputs: { Arn: { Value: { Ref: 'Empty' } } } },
  });
  client = new SecretsManagerClient(test.client());
});

afterAll(async () => {
  client.destroy();
  await test.stop();
});

const get = (SecretId: string, VersionStage?: string) =>
  client.send(new GetSecretValueCommand({ SecretId, ...(VersionStage ? { VersionStage } : {}) }));

describe('AWS::SecretsManager::Secret', () => {
  it('a secret without a value has none until PutSecretValue, by name or ARN', async () => {
    const SecretId = test.cloud.outputs['Arn']!;
    await expect(get('test/join')).rejects.toMatchObject({
      name: ResourceNotFoundException.name,
      message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    });
    await client.send(new PutSecretValueCommand({ SecretId, SecretString: '{"token":"t"}' }));

    expect(await get('test/join')).toMatchObject({ ARN: SecretId, Name: 'test/join', SecretString: '{"token":"t"}' });
  });

  it('SecretString of the template is the value of the secret', async () => {
    expect((await get('test/given')).SecretString).toBe('plain');
  });

  it('GenerateSecretString adds a generated password to the secret template', async () => {
    const value = JSON.parse((await get('test/telegram')).SecretString!);

    expect(value).toEqual({ token: '', webhookSecret: expect.stringMatching(/^[A-Za-z0-9]{64}$/) });
  });
});

describe('versions of a secret', () => {
  it('a new version becomes AWSCURRENT and the one before AWSPREVIOUS', async () => {
    await client.send(new CreateSecretCommand({ Name: 'rotating', SecretString: '1' }));
    await client.send(new PutSecretValueCommand({ SecretId: 'rotating', SecretString: '2' }));
    await client.send(new UpdateSecretCommand({ SecretId: 'rotating', SecretString: '3', Description: 'changed' }));
    const { VersionIdsToStages, Description } = await client.send(new DescribeSecretCommand({ SecretId: 'rotating' }));

    expect((await get('rotating')).SecretString).toBe('3');
    expect((await get('rotating', 'AWSPREVIOUS')).SecretString).toBe('2');
    expect(Object.values(VersionIdsToStages!)).toContainEqual(['AWSCURRENT']);
    expect(Description).toBe('changed');
  });

  it('PutSecretValue with the same ClientRequestToken and value adds no version', async () => {
    const ClientRequestToken = '11111111-2222-4333-8444-555555555555';
    await client.send(new CreateSecretCommand({ Name: 'retried' }));
    const put = (SecretString: string) =>
      client.send(new PutSecretValueCommand({ SecretId: 'retried', SecretString, ClientRequestToken }));
    const first = await put('same');
    const second = await put('same');

    expect(second.VersionId).toBe(first.VersionId);
    await expect(put('different')).rejects.toBeInstanceOf(ResourceExistsException);
  });
});

describe('a pending version', () => {
  it('a version that is put as AWSPENDING stays pending until AWSCURRENT is moved to it', async () => {
    await client.send(new CreateSecretCommand({ Name: 'pending', SecretString: 'old' }));
    const VersionStages = ['AWSPENDING'];
    const put = new PutSecretValueCommand({ SecretId: 'pending', SecretString: 'new', VersionStages });
    const { VersionId: MoveToVersionId } = await client.send(put);
    const old = await get('pending');
    expect(old.SecretString).toBe('old');
    expect((await get('pending', 'AWSPENDING')).SecretString).toBe('new');

    const move = { SecretId: 'pending', VersionStage: 'AWSCURRENT', MoveToVersionId };
    await expect(client.send(new UpdateSecretVersionStageCommand(move))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining(`attached to version ${old.VersionId}`),
    });
    await client.send(new UpdateSecretVersionStageCommand({ ...move, RemoveFromVersionId: old.VersionId }));
    expect((await get('pending')).SecretString).toBe('new');
    expect((await get('pending', 'AWSPREVIOUS')).SecretString).toBe('old');
  });
});

describe('CreateSecret and DeleteSecret', () => {
  it('a secret can be created once, is listed, and does not exist after DeleteSecret', async () => {
    await client.send(new CreateSecretCommand({ Name: 'short-lived', SecretBinary: new Uint8Array([1, 2]) }));
    expect((await get('short-lived')).SecretBinary).toEqual(new Uint8Array([1, 2]));
    await expect(client.send(new CreateSecretCommand({ Name: 'short-lived' }))).rejects.toBeInstanceOf(
      ResourceExistsException,
    );
    const { SecretList } = await client.send(new ListSecretsCommand({}));
    expect(SecretList?.map(({ Name }) => Name)).toContain('short-lived');
    const byName = { Filters: [{ Key: 'name' as const, Values: ['short-'] }] };
    const [found, ...others] = (await client.send(new ListSecretsCommand(byName))).SecretList ?? [];
    expect(found).toMatchObject({ Name: 'short-lived' });
    expect(Object.values(found?.SecretVersionsToStages ?? {})).toEqual([['AWSCURRENT']]);
    expect(others).toEqual([]);
    await client.send(new DeleteSecretCommand({ SecretId: 'short-lived', ForceDeleteWithoutRecovery: true }));

    await expect(get('short-lived')).rejects.toBeInstanceOf(ResourceNotFoundException);
  });
});
