import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { explainAwsError } from '#cli/aws/explain-error.ts';
import { bareEnvironment, runStepkube } from '#support/stepkube.ts';

/** As the SDK throws it: an answer of a service has $metadata. */
const serviceError = (name: string, message: string) => Object.assign(new Error(message), { name, $metadata: {} });
const sdkError = (name: string, message: string) => Object.assign(new Error(message), { name });
const systemError = (code: string, more: object = {}) => Object.assign(new Error(''), { code, ...more });

describe('explainAwsError', () => {
  it.each([
    [
      sdkError('CredentialsProviderError', 'Could not load credentials from any providers'),
      'AWS credentials: Could not load credentials from any providers; sign in (aws configure, aws sso login) or choose an existing profile with --profile',
    ],
    [
      sdkError('CredentialsProviderError', 'The SSO session associated with this profile has expired.\nSee the log.'),
      'AWS credentials: The SSO session associated with this profile has expired. Sign in again, for example: aws sso login',
    ],
    [
      serviceError('ExpiredTokenException', 'The security token included in the request is expired'),
      'the AWS credentials have expired; sign in again, for example: aws sso login',
    ],
    [
      serviceError('UnrecognizedClientException', 'The security token included in the request is invalid.'),
      "AWS does not accept the credentials (UnrecognizedClientException: The security token included in the request is invalid.); check the keys, --profile and this machine's clock",
    ],
    [
      serviceError(
        'AccessDeniedException',
        'User: arn:aws:iam::1:user/me is not authorized to perform: states:StartExecution',
      ),
      'AWS denies this: User: arn:aws:iam::1:user/me is not authorized to perform: states:StartExecution; use a profile with that permission (--profile)',
    ],
    [
      serviceError('ThrottlingException', 'Rate exceeded'),
      'AWS limits the rate of calls (ThrottlingException); run it again in a minute',
    ],
    [sdkError('Error', 'Region is missing'), 'no AWS region; set region in cluster.config.ts or pass --region'],
    [
      systemError('ENOTFOUND', { hostname: 'states.us-noth-1.amazonaws.com' }),
      'states.us-noth-1.amazonaws.com cannot be reached (ENOTFOUND); check the network, the proxy and the region',
    ],
    [
      systemError('ECONNREFUSED', { address: '127.0.0.1', port: 9 }),
      '127.0.0.1:9 cannot be reached (ECONNREFUSED); check the network, the proxy and the region',
    ],
    [
      sdkError('TimeoutError', 'Connection timed out after 3000 ms'),
      'AWS did not answer in time (Connection timed out after 3000 ms); check the network and the proxy, then run it again',
    ],
    [serviceError('StateMachineDeleting', 'It is being deleted'), 'AWS: StateMachineDeleting: It is being deleted'],
  ])('explainAwsError turns %s into one line with the next step', (error, line) => {
    expect(explainAwsError(error)).toBe(line);
  });

  it('explainAwsError leaves errors of other kinds alone', () => {
    expect(explainAwsError(new Error('no picture'))).toBeUndefined();
  });
});

describe('an AWS endpoint', () => {
  const servers: ReturnType<typeof createServer>[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.closeAllConnections();
  });
  const endpoint = async (answer: { status: number; body: string }): Promise<string> => {
    const server = createServer((_request, response) => {
      response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.body);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const env = (AWS_ENDPOINT_URL: string) => ({
    ...bareEnvironment,
    AWS_ENDPOINT_URL,
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });

  it.each([['provision'], ['provision', '--profile', 'nobody'], ['follow', 'some-execution']])(
    './stepkube %s %s without credentials ends in one line with exit code 1',
    async (...args) => {
      const { exitCode, output } = await runStepkube(args);
      expect(exitCode).toBe(1);
      expect(output).toMatch(/^✖ AWS credentials: Could not load credentials from any providers; sign in .*\n$/);
    },
  );

  it('./stepkube provision with expired credentials says to sign in again', async () => {
    const body =
      '<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>expired</Message></Error></ErrorResponse>';
    const { exitCode, output } = await runStepkube(['provision'], { env: env(await endpoint({ status: 403, body })) });
    expect(exitCode).toBe(1);
    expect(output).toBe('✖ the AWS credentials have expired; sign in again, for example: aws sso login\n');
  });

  it('./stepkube provision names an endpoint that refuses connections', async () => {
    const { exitCode, output } = await runStepkube(['provision'], { env: env('http://127.0.0.1:9') });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^✖ 127\.0\.0\.1:9 cannot be reached \(ECONNREFUSED\); .*\n$/);
  });

  it('./stepkube provision --debug adds the stack of the error', async () => {
    const { output } = await runStepkube(['provision', '--debug'], { env: env('http://127.0.0.1:9') });
    expect(output).toMatch(/^✖ 127\.0\.0\.1:9 cannot be reached .*\n(?:.*\n)* +at /);
  });
});
