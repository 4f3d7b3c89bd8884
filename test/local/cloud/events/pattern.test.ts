import { describe, expect, it } from 'vitest';
import { checkPattern, matchesEvent } from '#local/cloud/events/pattern.ts';

const event = {
  source: 'aws.ssm',
  'detail-type': 'EC2 Command Invocation Status-change Notification',
  resources: ['arn:one', 'arn:two'],
  detail: {
    status: 'Success',
    name: 'Cluster-Join',
    attempts: 3,
    nested: { deep: true },
    list: [{ id: 1 }, { id: 2 }],
    none: null,
  },
};

describe('matchesEvent', () => {
  it.each([
    [{ source: ['aws.ssm', 'aws.ec2'] }, true],
    [{ source: ['aws.ec2'] }, false],
    [{ source: ['aws.ssm'], detail: { status: ['Failed'] } }, false],
    [{ detail: { nested: { deep: [true] } } }, true],
    [{ detail: { missing: { deep: [true] } } }, false],
    [{ resources: ['arn:two'] }, true],
    [{ detail: { none: [null] } }, true],
    [{ detail: { attempts: ['3'] } }, false],
    [{ detail: { list: { id: [2] } } }, true],
    [{ source: [{ prefix: 'aws.' }] }, true],
    [{ detail: { name: [{ prefix: { 'equals-ignore-case': 'CLUSTER' } }] } }, true],
    [{ detail: { name: [{ suffix: '-Join' }] } }, true],
    [{ detail: { name: [{ 'equals-ignore-case': 'cluster-join' }] } }, true],
    [{ detail: { name: [{ wildcard: 'Cl*r-*' }] } }, true],
    [{ detail: { name: [{ wildcard: 'Cl*x' }] } }, false],
    [{ detail: { attempts: [{ numeric: ['>', 0, '<=', 3] }] } }, true],
    [{ detail: { attempts: [{ numeric: ['>', 3] }] } }, false],
    [{ detail: { status: [{ numeric: ['=', 0] }] } }, false],
    [{ detail: { status: [{ 'anything-but': ['Failed', 'TimedOut'] }] } }, true],
    [{ detail: { status: [{ 'anything-but': 'Success' }] } }, false],
    [{ detail: { status: [{ 'anything-but': { prefix: 'Suc' } }] } }, false],
    [{ detail: { missing: [{ 'anything-but': 'x' }] } }, false],
    [{ detail: { status: [{ exists: true }] } }, true],
    [{ detail: { missing: [{ exists: false }] } }, true],
    [{ detail: { status: [{ exists: false }] } }, false],
    [{ $or: [{ source: ['aws.ec2'] }, { detail: { status: ['Success'] } }] }, true],
    [{ $or: [{ source: ['aws.ec2'] }, { detail: { status: ['Failed'] } }] }, false],
  ])('the event pattern %j matches the event: %s', (pattern, expected) => {
    expect(matchesEvent(pattern, event)).toBe(expected);
  });
});

it('checkPattern refuses unknown filters, and values that are not lists', () => {
  expect(() => checkPattern({ detail: { ip: [{ cidr: '10.0.0.0/8' }] } })).toThrow(/cidr.*must have exactly one of/);
  expect(() => checkPattern({ source: 'aws.ssm' })).toThrow('"source" must be an object or an array');
});
