import { z } from 'zod';
import { templateNumber } from '../resource.ts';
import type { Pattern } from './pattern.ts';

/** A target with the member names of CloudFormation and the API. */
export const targetSchema = z.object({
  Id: z.string(),
  Arn: z.string(),
  RoleArn: z.string().optional(),
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  InputTransformer: z
    .object({ InputPathsMap: z.record(z.string(), z.string()).optional(), InputTemplate: z.string() })
    .optional(),
  DeadLetterConfig: z.object({ Arn: z.string() }).optional(),
  RetryPolicy: z
    .object({
      MaximumRetryAttempts: templateNumber.optional(),
      MaximumEventAgeInSeconds: templateNumber.optional(),
    })
    .optional(),
});

export type Target = z.output<typeof targetSchema>;

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  readonly pattern: Pattern | undefined;
  /** Simulated seconds between two scheduled events; undefined: the rule has no schedule. */
  readonly scheduleSeconds: number | undefined;
  readonly isEnabled: boolean;
  readonly targets: readonly Target[];
}
