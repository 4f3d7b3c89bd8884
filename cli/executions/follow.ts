import { SFNClient } from '@aws-sdk/client-sfn';
import { type Account, clientSettings } from '../aws/client-settings.ts';
import { durationTable } from './durations.ts';
import { findExecution } from './find-execution.ts';
import { followOnAws } from './follow-on-aws.ts';
import { assertSucceeded } from './outcome.ts';

export interface FollowRequest {
  readonly account: Account;
  readonly clusterName: string;
  readonly nameOrArn: string;
  readonly json: boolean;
}

/** Shows an execution until it ends, and how long each of its states took. @throws ExecutionFailedError */
export async function follow(request: FollowRequest, signal: AbortSignal): Promise<void> {
  const { account, clusterName, nameOrArn, json } = request;
  const client = new SFNClient(clientSettings(account));
  const executionArn = await findExecution(client, clusterName, nameOrArn, signal);
  if (!json) console.log(`Execution ${executionArn}\n`);
  const outcome = await followOnAws(client, executionArn, signal, { silent: json, timer: false });
  if (json) console.log(JSON.stringify(outcome, null, 2));
  else {
    console.log(`\n${durationTable(outcome)}`);
    if (outcome.output !== null) console.log(`\nOutput\n${JSON.stringify(outcome.output, null, 2)}`);
  }
  assertSucceeded(outcome);
}
