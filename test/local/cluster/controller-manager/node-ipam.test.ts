import { describe, expect, it } from 'vitest';
import { parseCidr } from '#local/cluster/apimachinery/cidr.ts';
import { NodeCidrs } from '#local/cluster/controller-manager/node-ipam.ts';

describe('NodeCidrs', () => {
  it('nodes of pod CIDR 172.20.64.0/18 get 172.20.64.0/24, 172.20.65.0/24 and so on', () => {
    const cidrs = new NodeCidrs(parseCidr('172.20.64.0/18'));

    expect([cidrs.allocate(), cidrs.allocate(), cidrs.allocate()]).toEqual([
      '172.20.64.0/24',
      '172.20.65.0/24',
      '172.20.66.0/24',
    ]);
  });

  it('allocation is refused when all node CIDRs are taken, and works again after a release', () => {
    const cidrs = new NodeCidrs(parseCidr('10.1.2.0/23'));
    cidrs.occupy('10.1.3.0/24');

    expect(cidrs.allocate()).toBe('10.1.2.0/24');
    expect(() => cidrs.allocate()).toThrow(
      'CIDR allocation failed; there are no remaining CIDRs left to allocate in the range 10.1.2.0/23',
    );
    cidrs.release('10.1.3.0/24');
    expect(cidrs.allocate()).toBe('10.1.3.0/24');
  });
});
