import type { Pattern } from './pattern.ts';

/** A target with the member names of CloudFormation and the API. */
export interface Target {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
  readonly DeadLetterConfig?: { readonly Arn: string };
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number };
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  readonly pattern: Pattern | undefined;
  /** Simulated seconds between two scheduled events; undefined: the rule has no schedule. */
  readonly everySeconds: number | undefined;
  readonly enabled: boolean;
  readonly targets: readonly Target[];
}
