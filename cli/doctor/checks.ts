import type { Check } from './check.ts';
import { blockPublicAccess } from './checks/block-public-access.ts';
import { botToken } from './checks/bot-token.ts';
import { cdkBootstrap } from './checks/cdk-bootstrap.ts';
import { certificate } from './checks/certificate.ts';
import { ebsKey } from './checks/ebs-key.ts';
import { freePlan } from './checks/free-plan.ts';
import { instanceTypes } from './checks/instance-types.ts';
import { region } from './checks/region.ts';
import { vcpuQuota } from './checks/vcpu-quota.ts';

/** Asked first: in a region that is not enabled AWS accepts no credentials, so that no other question can be answered. */
export const regionCheck = region;

/** In the order in which their findings are shown. */
export const otherChecks: readonly Check[] = [
  instanceTypes,
  freePlan,
  vcpuQuota,
  ebsKey,
  blockPublicAccess,
  cdkBootstrap,
  certificate,
  botToken,
];
