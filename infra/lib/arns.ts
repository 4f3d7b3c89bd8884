import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * These ARNs are made from physical names instead of references: in the policy of a function that the machine itself
 * invokes, a reference would be a circular dependency.
 */
export function machineArn(scope: IConstruct, machineName: string): string {
  return Stack.of(scope).formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: machineName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** Every execution of a machine. */
export function executionArns(scope: IConstruct, machineName: string): string {
  return Stack.of(scope).formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${machineName}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

export function documentArn(scope: IConstruct, documentName: string): string {
  return Stack.of(scope).formatArn({ service: 'ssm', resource: 'document', resourceName: documentName });
}

/** An Auto Scaling group by its name: the ARN also holds an id that only AWS knows. */
export function groupArn(scope: IConstruct, groupName: string): string {
  return Stack.of(scope).formatArn({
    service: 'autoscaling',
    resource: 'autoScalingGroup',
    resourceName: `*:autoScalingGroupName/${groupName}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** Resources of EC2 in this account and region, e.g. `instance`, `*`. */
export function ec2Arn(scope: IConstruct, resource: string, resourceName: string): string {
  return Stack.of(scope).formatArn({ service: 'ec2', resource, resourceName });
}
