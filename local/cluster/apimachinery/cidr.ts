/** IPv4 ranges: addresses and smaller ranges by position. */

/** --node-cidr-mask-size of kube-controller-manager: each node gets a range of this size. */
export const nodePrefixLength = 24;

export interface Cidr {
  /** The first address as a number. */
  readonly base: number;
  readonly prefixLength: number;
}

/** @throws RangeError for a text that is not an IPv4 CIDR */
export function parseCidr(text: string): Cidr {
  const [, address, length] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(text) ?? [];
  const octets = address?.split('.').map(Number) ?? [];
  const prefixLength = Number(length);
  if (address === undefined || octets.some((octet) => octet > 255) || prefixLength > 32) {
    throw new RangeError(`"${text}" is not an IPv4 CIDR such as 10.244.0.0/16`);
  }
  const value = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const size = 2 ** (32 - prefixLength);
  return { base: value - (value % size), prefixLength };
}

export function formatCidr({ base, prefixLength }: Cidr): string {
  return `${formatAddress(base)}/${prefixLength}`;
}

/** How many addresses a range has, the network and broadcast addresses included. */
export function addressCount({ prefixLength }: Cidr): number {
  return 2 ** (32 - prefixLength);
}

/** The address at a position: 1 is the first behind the network address. @throws RangeError outside of the range */
export function addressAt(cidr: Cidr, position: number): string {
  if (position < 0 || position >= addressCount(cidr)) {
    throw new RangeError(`${formatCidr(cidr)} has no address at position ${position}`);
  }
  return formatAddress(cidr.base + position);
}

/** How many ranges of a longer prefix fit. */
export function subnetCount({ prefixLength }: Cidr, subnetPrefixLength: number): number {
  return Math.floor(2 ** (subnetPrefixLength - prefixLength));
}

/** The range of a longer prefix at a position. @throws RangeError outside of the range */
export function subnetAt(cidr: Cidr, subnetPrefixLength: number, position: number): Cidr {
  if (position < 0 || position >= subnetCount(cidr, subnetPrefixLength)) {
    throw new RangeError(`${formatCidr(cidr)} has no /${subnetPrefixLength} at position ${position}`);
  }
  return { base: cidr.base + position * 2 ** (32 - subnetPrefixLength), prefixLength: subnetPrefixLength };
}

function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
