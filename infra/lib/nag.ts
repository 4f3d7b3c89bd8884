import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Accepts AwsSolutions findings (without the prefix) of a construct and its children, each with the reason why. */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [finding, reason] of Object.entries(reasons)) {
    Validations.of(construct).acknowledge({ id: `AwsSolutions-${finding}`, reason });
  }
}

/** Accepts a wildcard in the resource of a policy (AwsSolutions-IAM5) below `construct`. */
export function acknowledgeWildcard(construct: IConstruct, resource: string, reason: string): void {
  const text = readable(Stack.of(construct).resolve(resource));
  acknowledge(construct, { [`IAM5[Resource::${text}]`]: reason });
}

/** Accepts an AWS managed policy (AwsSolutions-IAM4) below `construct`. */
export function acknowledgeManagedPolicy(construct: IConstruct, name: string, reason: string): void {
  acknowledge(construct, { [`IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${name}]`]: reason });
}

/** Writes intrinsics as findings do: {Ref: X} as <X>, {Fn::GetAtt: [X, Arn]} as <X.Arn>, joins as their text. */
function readable(resolved: unknown): string {
  if (typeof resolved === 'string') return resolved;
  const [[intrinsic, argument]] = Object.entries(resolved as Record<string, unknown>) as [[string, unknown]];
  if (intrinsic === 'Ref') return `<${argument}>`;
  if (intrinsic === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
  if (intrinsic === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map(readable).join(separator);
  }
  throw new Error(`a finding with ${intrinsic} cannot be named`);
}
