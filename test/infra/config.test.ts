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
    ['region', { region: 'virginia' }, '"virginia" must be an AWS region such as us-east-1'],
    ['bot.domain', { bot: { domain: 'https://bot.example' } }, '"https://bot.example" must be a domain name'],
    ['bot.certificateArn', { bot: { certificateArn: 'arn:x' } }, '"arn:x" must be the ARN of an ACM certificate'],
    ['workers.desired', { workers: { desired: 9 } }, '9 must not be above workers.max'],
    ['workers.min', { workers: { min: 4 } }, '4 must not be above workers.desired'],
    ['workers.instanceType', { workers: { instanceType: 'm7g.large' } }, '"m7g.large" must be an x86_64 instance type'],
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
