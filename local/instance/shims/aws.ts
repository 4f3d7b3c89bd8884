/** aws: the commands that the documents use, sent with the SDK to the twin's endpoint as the instance's role. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { simulatedSource, versionOf } from '../state/downloads.ts';
import type { Instance } from '../state/instance.ts';
import { option, type ParsedArguments, parseArguments } from './arguments.ts';
import { type Shim, type ShimCall, ShimError, type ShimResult } from './shim.ts';

interface Clients {
  readonly s3: S3Client;
  readonly secrets: SecretsManagerClient;
}

/** Exit codes of the AWS CLI. https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-returncodes.html */
const usageExitCode = 252;
const configurationExitCode = 253;
const serviceErrorExitCode = 254;

const clientsOf = new WeakMap<Instance, Clients>();

export const aws: Shim = async (call) => {
  if (call.argv[0] === '--version') {
    const version = versionOf((await simulatedSource(call.program)) ?? '');
    return { stdout: `aws-cli/${version} Python/3.13 Linux (simulated)\n` };
  }
  const parsed = parseArguments(call.argv, {
    tool: 'aws',
    valued: ['secret-id', 'secret-string', 'query', 'output', 'content-type'],
    usageExitCode,
  });
  if (call.awsRegion === '') {
    throw new ShimError(
      'You must specify a region. You can also configure your region by "aws configure".',
      configurationExitCode,
    );
  }
  const [service, command, ...rest] = parsed.operands;
  if (service === 's3' && command === 'cp') return copy(call, rest, option(parsed, 'content-type'));
  if (service === 'secretsmanager' && command === 'get-secret-value') return getSecret(call, parsed);
  if (service === 'secretsmanager' && command === 'put-secret-value') return putSecret(call, parsed);
  throw new ShimError(`aws: '${service ?? ''} ${command ?? ''}' has no shim in the twin`, usageExitCode);
};

function clients({ instance, awsRegion }: ShimCall): Clients {
  const known = clientsOf.get(instance);
  if (known !== undefined) return known;
  const { spec } = instance;
  const config = {
    region: awsRegion,
    endpoint: spec.endpoint,
    credentials: async () => spec.credentials(),
    maxAttempts: 3,
  };
  const created = { s3: new S3Client({ ...config, forcePathStyle: true }), secrets: new SecretsManagerClient(config) };
  clientsOf.set(instance, created);
  return created;
}

/** Closes the connections of an instance that is terminated. */
export function closeAwsClients(instance: Instance): void {
  const known = clientsOf.get(instance);
  known?.s3.destroy();
  known?.secrets.destroy();
}

async function getSecret(call: ShimCall, parsed: ParsedArguments): Promise<ShimResult> {
  const SecretId = option(parsed, 'secret-id') ?? '';
  if (option(parsed, 'query') !== 'SecretString' || option(parsed, 'output') !== 'text') {
    throw new ShimError('aws: the twin reads secrets with --query SecretString --output text only', usageExitCode);
  }
  const command = new GetSecretValueCommand({ SecretId });
  const { SecretString = '' } = await clients(call)
    .secrets.send(command, { abortSignal: call.signal })
    .catch((error) => fail('GetSecretValue', error));
  return { stdout: `${SecretString}\n` };
}

async function putSecret(call: ShimCall, parsed: ParsedArguments): Promise<ShimResult> {
  const SecretId = option(parsed, 'secret-id') ?? '';
  const source = option(parsed, 'secret-string') ?? '';
  const SecretString = source.startsWith('file://') ? await readFile(source.slice('file://'.length), 'utf8') : source;
  const command = new PutSecretValueCommand({ SecretId, SecretString });
  const { Name, VersionId } = await clients(call)
    .secrets.send(command, { abortSignal: call.signal })
    .catch((error) => fail('PutSecretValue', error));
  return { stdout: `${JSON.stringify({ Name, VersionId }, null, 4)}\n` };
}

async function copy(call: ShimCall, [from = '', to = '']: readonly string[], contentType: string | undefined) {
  if (from.startsWith('s3://')) {
    const { Body } = await clients(call)
      .s3.send(new GetObjectCommand(s3Location(from)), { abortSignal: call.signal })
      .catch((error) => fail('HeadObject', error));
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, (await Body?.transformToByteArray()) ?? '');
    return { stdout: `download: ${from} to ${to}\n` };
  }
  const command = new PutObjectCommand({
    ...s3Location(to),
    Body: await readFile(from),
    ...(contentType === undefined ? {} : { ContentType: contentType }),
  });
  await clients(call)
    .s3.send(command, { abortSignal: call.signal })
    .catch((error) => fail('PutObject', error));
  return { stdout: `upload: ${from} to ${to}\n` };
}

function s3Location(uri: string): { Bucket: string; Key: string } {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  if (Bucket === undefined || Key === undefined) throw new ShimError(`Invalid S3 URI: ${uri}`, usageExitCode);
  return { Bucket, Key };
}

function fail(operation: string, error: Error): never {
  throw new ShimError(
    `\nAn error occurred (${error.name}) when calling the ${operation} operation: ${error.message}`,
    serviceErrorExitCode,
  );
}
