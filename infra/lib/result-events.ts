import { Stack } from 'aws-cdk-lib';
import { EventBus, type EventPattern } from 'aws-cdk-lib/aws-events';
import { EventInvokeConfig, type EventInvokeConfigOptions, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { EventBridgeDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { Construct } from 'constructs';

/**
 * Sends what a function returns to the default event bus: only inside of the VPC can the cluster be seen, and only outside can somebody be
 * told.
 * @returns the pattern of its results with a certain `outcome`
 */
export function sendResults(
  scope: Construct,
  fn: IFunction,
  options: Pick<EventInvokeConfigOptions, 'retryAttempts' | 'maxEventAge'>,
): (outcome: string) => EventPattern {
  new EventInvokeConfig(scope, 'Result', {
    ...options,
    function: fn,
    onSuccess: new EventBridgeDestination(EventBus.fromEventBusName(scope, 'Bus', 'default')),
  });
  return (outcome) => ({
    source: ['lambda'],
    account: [Stack.of(scope).account],
    resources: [`${fn.functionArn}:$LATEST`],
    detail: { responsePayload: { outcome: [outcome] } },
  });
}
