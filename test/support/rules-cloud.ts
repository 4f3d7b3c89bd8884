import { createEventsModule } from '#local/cloud/events/module.ts';
import { createLambdaModule } from '#local/cloud/lambda/module.ts';
import type { CreatedResource } from '#local/cloud/resource.ts';
import { createFakeCloud, type FakeCloud } from './fake-cloud.ts';

export interface SentMessage {
  readonly queue: string;
  readonly body: unknown;
  readonly attributes: Readonly<Record<string, { readonly StringValue: string }>>;
}

/** A fake cloud with EventBridge, whose targets are queues that take every message. */
export interface RulesCloud extends AsyncDisposable {
  readonly cloud: FakeCloud;
  createRule(properties: object): Promise<CreatedResource>;
  call(operation: string, input: object): ReturnType<FakeCloud['call']>;
  /** Puts an event of Auto Scaling on the default bus. Settles when each target has had its first attempt. */
  publish(detail?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Messages that were sent to queues, oldest first. */
  sent(): readonly SentMessage[];
}

export async function createRulesCloud(): Promise<RulesCloud> {
  const cloud = await createFakeCloud();
  const lambda = createLambdaModule(cloud.core);
  cloud.add(
    createEventsModule(cloud.core, {
      lambda,
      sns: { publishForService: () => {} },
      sqs: { checkServiceMaySend: () => {} },
    }),
  );
  cloud.stub('sqs', 'SendMessage', async () => ({}));
  return {
    cloud,
    createRule: (properties) => cloud.create('AWS::Events::Rule', 'Rule', { Name: 'rule', ...properties }),
    call: (operation, input) => cloud.call('events', operation, input),
    publish: (detail = { EC2InstanceId: 'i-1', AutoScalingGroupName: 'workers' }) =>
      cloud.core.eventBus.publish({
        source: 'aws.autoscaling',
        detailType: 'EC2 Instance-launch Lifecycle Action',
        resources: ['arn:group'],
        detail,
      }),
    sent: () =>
      cloud.calls
        .filter(({ operation }) => operation === 'SendMessage')
        .map(({ input }) => ({
          queue: String(input['QueueUrl']).split('/').at(-1)!,
          body: JSON.parse(String(input['MessageBody'])),
          attributes: input['MessageAttributes'] as SentMessage['attributes'],
        })),
    [Symbol.asyncDispose]: () => cloud.stop(),
  };
}

/** A target of a rule: a queue unless `more` has another ARN. */
export const target = (more: object = {}) => ({
  Id: 'Target0',
  Arn: 'arn:aws:sqs:eu-west-1:123456789012:taken',
  ...more,
});
