import { describe, expect, it } from 'vitest';
import { clusterTemplate, only, resourcesOf } from '#support/infra.ts';

const template = clusterTemplate();
const ruleOf = (name: string) =>
  only(template, 'AWS::Events::Rule', ({ Name }) => Name === `shapes-${name}`).Properties;

describe('lost workers', () => {
  it('what the function has found goes out as an event, whose rule replaces the worker against a short deadline', () => {
    const [config] = Object.values(resourcesOf(template, 'AWS::Lambda::EventInvokeConfig')).filter(
      ({ Properties }) => Properties.DestinationConfig?.OnSuccess !== undefined,
    );
    expect(config!.Properties.MaximumRetryAttempts).toBe(0);
    const { EventPattern, Targets } = ruleOf('worker-lost');
    expect(EventPattern).toMatchObject({
      source: ['lambda'],
      detail: { responsePayload: { outcome: ['replace'] } },
    });
    expect(EventPattern.resources).toHaveLength(1);
    expect(Targets[0].InputTransformer).toEqual({
      InputPathsMap: { 'detail-responsePayload-instanceId': '$.detail.responsePayload.instanceId' },
      InputTemplate: '{"instanceId":<detail-responsePayload-instanceId>,"deadlineSeconds":120,"terminate":true}',
    });
  });

  it('when most workers are silent the topic is told, and its policy lets rules publish', () => {
    expect(ruleOf('many-workers-lost').Targets[0].InputTransformer.InputTemplate).toContain('workers-not-ready.md');
    const [policy] = Object.values(resourcesOf(template, 'AWS::SNS::TopicPolicy'));
    expect(policy!.Properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Action: 'sns:Publish',
        Principal: { Service: 'events.amazonaws.com' },
        Effect: 'Allow',
      }),
    );
  });
});
