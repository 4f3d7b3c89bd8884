/** Fn::Cidr: the first `count` blocks of 2^`bits` addresses in an IPv4 CIDR block. @throws RangeError */
export function cidrBlocks(block: string, count: number, bits: number): string[] {
  const [address = '', prefix] = block.split('/');
  const start = address.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
  const size = 2 ** bits;
  if (count * size > 2 ** (32 - Number(prefix))) {
    throw new RangeError(`Fn::Cidr: ${block} does not hold ${count} blocks of ${size} addresses`);
  }
  return Array.from({ length: count }, (_, index) => `${dotted(start + index * size)}/${32 - bits}`);
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
