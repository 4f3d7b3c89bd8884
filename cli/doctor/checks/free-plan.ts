import { z } from 'zod';
import { type Check, ok, onEverything, problem } from '../check.ts';
import { configuredTypes, describeTypes } from '../configured-types.ts';

const planState = z.object({ accountPlanType: z.string() });

/** Accounts made since July 2025 may be on the free plan, which launches only the types that are eligible for it. */
export const freePlan: Check = {
  name: 'free-plan',
  permissions: () => onEverything('freetier:GetAccountPlanState', 'ec2:DescribeInstanceTypes'),
  async examine(account) {
    const { config, partition, ask, callJson } = account;
    if (partition !== 'aws') return ok('this partition has no free plan');
    const request = {
      service: 'freetier',
      region: 'us-east-1',
      host: 'freetier.us-east-1.api.aws',
      target: 'AWSFreeTierService.GetAccountPlanState',
      version: '1.0',
    } as const;
    const plan = await ask('freetier:GetAccountPlanState', () => callJson(request, {})).catch((error: Error) => {
      if (error.name === 'ResourceNotFoundException') return undefined; // an account from before there were plans
      throw error;
    });
    if (plan === undefined || planState.parse(plan).accountPlanType !== 'FREE') {
      return ok('the account may launch every instance type');
    }
    const types = configuredTypes(config);
    const described = await describeTypes(account, types);
    const refused = types.filter((type) => described.get(type)?.FreeTierEligible !== true);
    if (refused.length === 0) return ok(`the account's free plan launches ${types.join(' and ')}`);
    return problem(
      `the account is on the free plan, which does not launch ${refused.join(' and ')}`,
      'Upgrade it to the paid plan (Billing console), or choose an eligible instanceType in cluster.config.ts: aws ec2 describe-instance-types --filters Name=free-tier-eligible,Values=true',
    );
  },
};
