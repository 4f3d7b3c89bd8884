/** Answers of an account in which everything is ready, in AWS's own forms. */
import type { AccountAnswer } from './fake-account.ts';

const list = (items: readonly string[]) => items.map((item) => `<item>${item}</item>`).join('');

export const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/0f1e2d3c-0000-4000-8000-000000000000';
export const keyArn = 'arn:aws:kms:us-east-1:123456789012:key/0f1e2d3c-0000-4000-8000-000000000001';

export function regions(optInStatus: string, ...names: readonly string[]): string {
  const items = names.map((name) => `<regionName>${name}</regionName><optInStatus>${optInStatus}</optInStatus>`);
  return `<DescribeRegionsResponse><regionInfo>${list(items)}</regionInfo></DescribeRegionsResponse>`;
}

/** @param zonesByType such as {'t3.medium': ['us-east-1a']} */
export function offerings(zonesByType: Readonly<Record<string, readonly string[]>>): string {
  const items = Object.entries(zonesByType).flatMap(([type, zones]) =>
    zones.map((zone) => `<instanceType>${type}</instanceType><location>${zone}</location>`),
  );
  const set = `<instanceTypeOfferingSet>${list(items)}</instanceTypeOfferingSet>`;
  return `<DescribeInstanceTypeOfferingsResponse>${set}</DescribeInstanceTypeOfferingsResponse>`;
}

export function instanceTypes(
  types: readonly { readonly name: string; readonly vcpus: number; readonly free: boolean }[],
) {
  const items = types.map(
    ({ name, vcpus, free }) =>
      `<instanceType>${name}</instanceType><freeTierEligible>${free}</freeTierEligible><vCpuInfo><defaultVCpus>${vcpus}</defaultVCpus></vCpuInfo>`,
  );
  return `<DescribeInstanceTypesResponse><instanceTypeSet>${list(items)}</instanceTypeSet></DescribeInstanceTypesResponse>`;
}

export interface RunningInstance {
  readonly type: string;
  readonly vcpus: number;
  readonly spot?: boolean;
  readonly cluster?: string;
}

export function instances(running: readonly RunningInstance[]): string {
  const items = running.map(({ type, vcpus, spot = false, cluster }) => {
    const tags = cluster === undefined ? [] : [`<key>kubernetes.io/cluster/${cluster}</key><value>owned</value>`];
    const options = `<cpuOptions><coreCount>${vcpus / 2}</coreCount><threadsPerCore>2</threadsPerCore></cpuOptions>`;
    const lifecycle = spot ? '<instanceLifecycle>spot</instanceLifecycle>' : '';
    return `<instanceType>${type}</instanceType>${lifecycle}${options}<tagSet>${list(tags)}</tagSet>`;
  });
  const reservation = `<instancesSet>${list(items)}</instancesSet>`;
  return `<DescribeInstancesResponse><reservationSet>${list([reservation])}</reservationSet></DescribeInstancesResponse>`;
}

export function defaultKey(id: string): string {
  return `<GetEbsDefaultKmsKeyIdResponse><kmsKeyId>${id}</kmsKeyId></GetEbsDefaultKmsKeyIdResponse>`;
}

export function publicAccessBlock(settings: Readonly<Record<string, boolean>>): string {
  const members = Object.entries(settings).map(([name, value]) => `<${name}>${value}</${name}>`);
  return `<PublicAccessBlockConfiguration>${members.join('')}</PublicAccessBlockConfiguration>`;
}

const identity = `<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>AIDA</UserId>`;
const zones = ['us-east-1b', 'us-east-1a', 'us-east-1e'].map((name) => `<zoneName>${name}</zoneName>`);

export const readyAccount: Readonly<Record<string, AccountAnswer>> = {
  'sts:GetCallerIdentity': `<GetCallerIdentityResponse><GetCallerIdentityResult>${identity}</GetCallerIdentityResult></GetCallerIdentityResponse>`,
  'ec2:DescribeRegions': regions('opt-in-not-required', 'eu-central-1', 'eu-west-1', 'us-east-1'),
  'ec2:DescribeAvailabilityZones': `<DescribeAvailabilityZonesResponse><availabilityZoneInfo>${list(zones)}</availabilityZoneInfo></DescribeAvailabilityZonesResponse>`,
  'ec2:DescribeInstanceTypeOfferings': offerings({ 't3.medium': ['us-east-1a', 'us-east-1b'] }),
  'ec2:DescribeInstanceTypes': instanceTypes([{ name: 't3.medium', vcpus: 2, free: false }]),
  'ec2:DescribeInstances': instances([]),
  'ec2:GetEbsDefaultKmsKeyId': defaultKey('alias/aws/ebs'),
  'freetier:GetAccountPlanState': { accountId: '123456789012', accountPlanType: 'PAID', accountPlanStatus: 'ACTIVE' },
  'servicequotas:GetServiceQuota': { Quota: { QuotaCode: 'L-1216C47A', Value: 32 } },
  's3:GetAccountPublicAccessBlock': { error: 'NoSuchPublicAccessBlockConfiguration', status: 404 },
  'ssm:GetParameter': { Parameter: { Name: '/cdk-bootstrap/hnb659fds/version', Type: 'String', Value: '30' } },
  'acm:DescribeCertificate': { Certificate: { Status: 'ISSUED', SubjectAlternativeNames: ['bot.stepkube.dev'] } },
  'secretsmanager:DescribeSecret': { error: 'ResourceNotFoundException' },
};
