import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { clientSettings } from './clients.ts';

const sns = new SNSClient(clientSettings);

export interface Alarm {
  readonly topicArn: string;
  /** As alarms of CloudWatch are named: `stepkube-launch-loop`. */
  readonly name: string;
  /** What happened, what to do, the runbook; nothing secret. */
  readonly lines: readonly string[];
}

/** Tells the topic what CloudWatch cannot know. Calls sns:Publish. */
export async function tell({ topicArn, name, lines }: Alarm, abortSignal: AbortSignal): Promise<void> {
  await sns.send(new PublishCommand({ TopicArn: topicArn, Subject: `ALARM: "${name}"`, Message: lines.join('\n') }), {
    abortSignal,
  });
}
