import { describe, expect, it } from 'vitest';
import { matchesEvent } from '#local/cloud/events/pattern.ts';
import { checkPattern } from '#local/cloud/events/pattern-rules.ts';

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
    empty: [],
    ip: '10.1.2.3',
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
    [{ detail: { empty: [{ exists: true }] } }, false],
    [{ detail: { empty: [{ exists: false }] } }, true],
    [{ detail: { nested: [{ exists: true }] } }, false],
    [{ detail: { none: [{ exists: true }] } }, true],
    [{ detail: { ip: [{ cidr: '10.0.0.0/8' }] } }, true],
    [{ detail: { ip: [{ cidr: '10.2.0.0/16' }] } }, false],
    [{ detail: { name: [{ cidr: '10.0.0.0/8' }] } }, false],
    [{ $or: [{ source: ['aws.ec2'] }, { detail: { status: ['Success'] } }] }, true],
    [{ $or: [{ source: ['aws.ec2'] }, { detail: { status: ['Failed'] } }] }, false],
  ])('the event pattern %j matches the event: %s', (pattern, expected) => {
    expect(matchesEvent(pattern, event)).toBe(expected);
  });
});

describe('checkPattern', () => {
  it.each<[object, string]>([
    [{}, 'Empty objects are not allowed'],
    [{ detail: {} }, 'Empty objects are not allowed'],
    [{ source: [] }, 'Empty arrays are not allowed'],
    [{ source: 'aws.ssm' }, '"source" must be an object or an array'],
    [{ source: null }, '"source" must be an object or an array'],
    [{ source: [['aws.ssm']] }, 'Match value must be String, number, true, false, or null'],
    [{ source: [{}] }, 'Only one key allowed'],
    [{ source: [{ prefix: 'a', suffix: 'b' }] }, 'Only one key allowed'],
    [{ source: [{ regex: '.' }] }, 'Unrecognized match type regex'],
    [{ source: [{ prefix: 5 }] }, 'prefix match pattern must be a string'],
    [{ source: [{ suffix: { 'equals-ignore-case': 5 } }] }, 'suffix match pattern must be a string'],
    [{ source: [{ exists: 'true' }] }, 'exists match pattern must be either true or false.'],
    [{ source: [{ wildcard: 'a**b' }] }, 'Consecutive wildcard characters at pos 1'],
    [{ detail: { n: [{ numeric: [] }] } }, 'Bad numeric range operator'],
    [{ detail: { n: [{ numeric: ['>'] }] } }, 'Bad numeric range operator'],
    [{ detail: { n: [{ numeric: ['!=', 1] }] } }, 'Bad numeric range operator'],
    [{ detail: { n: [{ numeric: ['>', '1'] }] } }, 'Bad numeric range operator'],
    [{ detail: { n: [{ numeric: ['>', 5, '<', 1] }] } }, 'Bad numeric range operator'],
    [{ detail: { n: [{ numeric: ['<', 5, '>', 1] }] } }, 'Bad numeric range operator'],
    [{ detail: { n: [{ numeric: ['=', 6e9] }] } }, 'between -5.0E9 and 5.0E9'],
    [{ source: [{ 'anything-but': [] }] }, 'Empty arrays are not allowed'],
    [{ source: [{ 'anything-but': ['a', 1] }] }, 'mixed type is not supported'],
    [{ source: [{ 'anything-but': true }] }, 'array or single string/number value'],
    [{ source: [{ 'anything-but': { numeric: ['=', 1] } }] }, 'Unsupported anything-but pattern'],
    [{ detail: { ip: [{ cidr: '10.0.0.0' }] } }, 'Malformed CIDR'],
    [{ detail: { ip: [{ cidr: '10.0.0.0/33' }] } }, 'Malformed CIDR'],
    [{ $or: [{ source: ['a'] }] }, 'at least 2 Objects in $or relationship'],
  ])('the event pattern %j is refused', (pattern, reason) => {
    expect(() => checkPattern(pattern as never)).toThrow(
      expect.objectContaining({ name: 'InvalidEventPatternException', message: expect.stringContaining(reason) }),
    );
  });

  it('checkPattern takes every documented operator', () => {
    const detail = {
      a: [
        { prefix: 'x' },
        { suffix: { 'equals-ignore-case': 'x' } },
        { wildcard: '*x*' },
        { 'equals-ignore-case': 'x' },
      ],
      b: [{ numeric: ['>', 0, '<=', 5] }, { numeric: ['=', 1.5] }, { exists: false }, 1, true, null],
      c: [{ 'anything-but': ['x', 'y'] }, { 'anything-but': 5 }, { 'anything-but': { prefix: ['x', 'y'] } }],
      d: [{ cidr: '10.0.0.0/8' }, { cidr: '2001:db8::/32' }],
    };
    expect(() => checkPattern({ $or: [{ source: ['a'] }, { detail }] })).not.toThrow();
  });
});
