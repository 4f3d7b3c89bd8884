import { describe, expect, it } from 'vitest';
import { addressAt, formatCidr, parseCidr, subnetAt, subnetCount } from '#local/cluster/apimachinery/cidr.ts';

describe('CIDR arithmetic', () => {
  it('the /24 ranges of 172.20.64.0/18 are 172.20.64.0 to 172.20.127.0', () => {
    const cidr = parseCidr('172.20.64.0/18');

    expect(subnetCount(cidr, 24)).toBe(64);
    expect([0, 1, 63].map((position) => formatCidr(subnetAt(cidr, 24, position)))).toEqual([
      '172.20.64.0/24',
      '172.20.65.0/24',
      '172.20.127.0/24',
    ]);
    expect(() => subnetAt(cidr, 24, 64)).toThrow('172.20.64.0/18 has no /24 at position 64');
  });

  it('a range may begin in the middle of an octet', () => {
    expect(formatCidr(subnetAt(parseCidr('10.128.0.0/9'), 24, 0x7fff))).toBe('10.255.255.0/24');
    expect(addressAt(parseCidr('192.168.255.240/28'), 15)).toBe('192.168.255.255');
    expect(() => addressAt(parseCidr('192.168.255.240/28'), 16)).toThrow('192.168.255.240/28 has no address');
  });

  it.each(['10.244.0.0', '10.244.0/16', '10.244.0.300/16', '10.244.0.0/33', 'fd00::/8'])(
    'parseCidr refuses %s',
    (text) => {
      expect(() => parseCidr(text)).toThrow(`"${text}" is not an IPv4 CIDR such as 10.244.0.0/16`);
    },
  );
});
