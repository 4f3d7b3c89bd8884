import { EC2Client } from '@aws-sdk/client-ec2';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { ClusterConfig } from '#infra/config.ts';
import { clientSettings } from '../aws/client-settings.ts';
import { isAccessDenied } from '../aws/explain-error.ts';
import { jsonCall, type SignedRequest, signedCall } from '../aws/signed-call.ts';
import { untilAborted } from '../signals.ts';
import { partitionOf, type Scope } from './scope.ts';

/** The caller lacks a permission that `./stepkube doctor --print-policy` lists. */
export class PermissionMissingError extends Error {
  override readonly name = 'PermissionMissingError';
  readonly action: string;

  constructor(action: string, options?: ErrorOptions) {
    super(`${action} is not allowed`, options);
    this.action = action;
  }
}

type JsonRequest = Parameters<typeof jsonCall>[1];

/** The account as the checks see it: clients, and who is asking. */
export interface AccountAccess extends Scope {
  readonly callerArn: string;
  readonly ec2: EC2Client;
  /** For questions about regions, in one that cannot be switched off. */
  readonly homeEc2: EC2Client;
  readonly secretsManager: SecretsManagerClient;
  readonly ssm: SSMClient;
  call(request: SignedRequest): Promise<string>;
  callJson(request: JsonRequest, input: object): Promise<unknown>;
  /** Runs one call to AWS. @throws PermissionMissingError naming the action */
  ask<T>(action: string, call: () => Promise<T>): Promise<T>;
}

/** @throws whatever keeps the caller from being known: no credentials, expired ones, an endpoint that is not reached. */
export async function openAccount(
  config: ClusterConfig,
  profile: string | undefined,
  signal: AbortSignal,
): Promise<AccountAccess> {
  const { partition, home } = partitionOf(config.region);
  const settings = (region: string) => clientSettings({ region, profile });
  // STS of the home region: the cluster's own region may be switched off.
  const sts = new STSClient(settings(home));
  const { Account: accountId = '', Arn: callerArn = '' } = await sts.send(new GetCallerIdentityCommand(), {
    abortSignal: signal,
  });
  return {
    config,
    partition,
    accountId,
    callerArn,
    ec2: new EC2Client(settings(config.region)),
    homeEc2: new EC2Client(settings(home)),
    secretsManager: new SecretsManagerClient(settings(config.region)),
    ssm: new SSMClient(settings(config.region)),
    call: (request) => signedCall(sts, request, signal),
    callJson: (request, input) => jsonCall(sts, request, input, signal),
    async ask(action, call) {
      try {
        return await untilAborted(call(), signal);
      } catch (error) {
        if (isAccessDenied(error as Error)) throw new PermissionMissingError(action, { cause: error });
        throw error;
      }
    },
  };
}
