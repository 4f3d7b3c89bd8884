import { describe, expect, it } from 'vitest';
import { InvalidConfigError, parseConfig } from '#infra/config.ts';
import { configInput } from '#support/infra.ts';
import shipped from '../../cluster.config.ts';

const messageOf = (input: unknown): string => {
  try {
    parseConfig(input);
  } catch (error) {
    if (error instanceof InvalidConfigError) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('parseConfig', () => {
  it('parseConfig accepts the configuration that is shipped', () => {
    expect(parseConfig(shipped)).toEqual(shipped);
  });

  it.each([
    ['clusterName', { clusterName: 'Step_Kube' }, '"Step_Kube" must be 2 to 30 lower-case letters'],
    ['clusterName', { clusterName: 'aws-pictures' }, '"aws-pictures" must not start with aws, amazon or amzn'],
    ['region', { region: 'virginia' }, '"virginia" must be a region of the partition aws such as us-east-1'],
    ['region', { region: 'us-gov-west-1' }, '"us-gov-west-1" must be a region of the partition aws'],
    ['region', { region: 'cn-north-1' }, '"cn-north-1" must be a region of the partition aws'],
    ['issuer', { issuer: 'bucket' }, '"bucket" must be publicBucket or cloudFront'],
    [
      'bot.certificateArn',
      { bot: { certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/12ab' } },
      '"arn:aws:acm:us-east-1:111122223333:certificate/12ab" must be in the same region as the cluster',
    ],
    ['bot.domain', { bot: { domain: 'https://bot.example' } }, '"https://bot.example" must be a domain name'],
    ['bot.certificateArn', { bot: { certificateArn: 'arn:x' } }, '"arn:x" must be the ARN of an ACM certificate'],
    ['workers.desired', { workers: { desired: 9 } }, '9 must not be above workers.max'],
    ['workers.min', { workers: { min: 4 } }, '4 must not be above workers.desired'],
    ['workers.instanceType', { workers: { instanceType: 'm7g.large' } }, '"m7g.large" must be an x86_64 instance type'],
    ['workers.instanceType', { workers: { instanceType: 'a1.large' } }, '"a1.large" must be an x86_64 instance type'],
    [
      'controlPlane.instanceType',
      { controlPlane: { instanceType: 'medium' } },
      '"medium" must be an x86_64 EC2 instance',
    ],
    ['network.vpcCidr', { network: { vpcCidr: '10.0.0.0' } }, '"10.0.0.0" must be an IPv4 CIDR such as 10.0.0.0/16'],
    ['network.vpcCidr', { network: { vpcCidr: '10.0.0.0/8' } }, '"10.0.0.0/8" must have a prefix from /16 to /24'],
    ['network.podCidr', { network: { podCidr: '10.7.128.0/17' } }, '"10.7.128.0/17" must not overlap network.vpcCidr'],
    [
      'network.serviceCidr',
      { network: { serviceCidr: '10.0.0.0/12' } },
      '"10.0.0.0/12" must not overlap network.vpcCidr',
    ],
    [
      'network.serviceCidr',
      { network: { serviceCidr: '10.244.8.0/22' } },
      '"10.244.8.0/22" must not overlap network.podCidr',
    ],
    ['access.apiCidrs.0', { access: { apiCidrs: ['anywhere'] } }, '"anywhere" must be an IPv4 CIDR'],
    ['retention.picturesDays', { retention: { picturesDays: 365 } }, '365 must be 30 or less'],
    ['retention.eventsDays', { retention: { eventsDays: 0 } }, '0 must be 1 or more'],
    ['retention.logsDays', { retention: { logsDays: 10 } }, '10 must be one of 1, 3, 5, 7, 14'],
  ])('parseConfig refuses %s = %j with the field, the value and what is allowed', (field, overrides, rest) => {
    const input = configInput(overrides as Parameters<typeof configInput>[0]);
    const message = messageOf({ ...input, ...pickTexts(overrides) });
    expect(message).toContain(`\n  ${field}: ${rest}`);
    expect(message.split('\n')).toHaveLength(2);
  });

  it.each(['t3.micro', 't3.nano', 't2.small', 'm7a.medium'])(
    'parseConfig refuses %s, which is too small for kubeadm',
    (instanceType) => {
      expect(messageOf(configInput({ controlPlane: { instanceType } }))).toContain(
        `controlPlane.instanceType: "${instanceType}" must have at least 2 vCPU and 2 GiB`,
      );
    },
  );

  it.each(['t3.small', 't3a.medium', 'm7i.large', 'c6a.xlarge', 't2.medium'])(
    'parseConfig accepts %s',
    (instanceType) => {
      expect(messageOf(configInput({ controlPlane: { instanceType }, workers: { instanceType } }))).toBe('accepted');
    },
  );

  it('parseConfig names every wrong field and every unknown field', () => {
    const message = messageOf({ ...configInput({ workers: { max: 99 } }), region: 7, nodes: 3 });
    expect(message).toContain('region: 7 ');
    expect(message).toContain('workers.max: 99 must be 50 or less');
    expect(message).toContain('\n  nodes: is not known');
  });
});

/** The overrides that are texts: configInput merges sections only. */
function pickTexts(overrides: object): object {
  return Object.fromEntries(Object.entries(overrides).filter(([, value]) => typeof value === 'string'));
}
