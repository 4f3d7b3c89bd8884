/** The loopback addresses of one twin. Linux has all of 127.0.0.0/8, so each twin takes a /16 of its own. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { LoopbackNetwork } from '../contracts/context.ts';

/** A twin owns a /16 by listening on this port of one of its addresses, which every other twin tries before it takes one. */
const claimPort = 47127;
const firstNetwork = 7;
const lastNetwork = 250;
/** AWS reserves the first four addresses of a subnet; 10 makes it easy to match 127.7.1.10 with 10.0.1.10. */
const firstInstanceHost = 10;
const firstPodOctet = 100;
const serviceOctet = 253;
const loadBalancerOctet = 254;
const twinOctet = 255;

export class NoFreeNetworkError extends Error {
  override readonly name = 'NoFreeNetworkError';
}

/** Claims the first free 127.x.0.0/16 until `release` is called. @throws NoFreeNetworkError */
export async function claimNetwork(): Promise<{ network: LoopbackNetwork; release: () => Promise<void> }> {
  for (let number = firstNetwork; number <= lastNetwork; number += 1) {
    const claim = await tryClaim(`127.${number}.${twinOctet}.254`);
    if (claim !== undefined) {
      return { network: createNetwork(number), release: () => closeServer(claim) };
    }
  }
  throw new NoFreeNetworkError(`no free network: 127.${firstNetwork} to 127.${lastNetwork} are taken by other twins`);
}

async function tryClaim(address: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  server.listen(claimPort, address);
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') return undefined;
    const hint = code === 'EADDRNOTAVAIL' ? ': this system does not have all of 127.0.0.0/8 (Linux does)' : '';
    throw new NoFreeNetworkError(`cannot listen on ${address}:${claimPort}${hint}`, { cause: error });
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function createNetwork(number: number): LoopbackNetwork {
  const used = new Set<string>();
  const next = (octet: number, firstHost: number): string => {
    for (let host = firstHost; host < 255; host += 1) {
      const address = `127.${number}.${octet}.${host}`;
      if (!used.has(address)) {
        used.add(address);
        return address;
      }
    }
    throw new NoFreeNetworkError(`no free address left in 127.${number}.${octet}.0/24`);
  };
  return {
    cloudAddress: `127.${number}.${twinOctet}.1`,
    hostAddress: `127.${number}.${twinOctet}.2`,
    instanceAddress: (subnetCidr) => next(thirdOctet(subnetCidr), firstInstanceHost),
    podAddress: (nodeIndex) => next(firstPodOctet + nodeIndex, 1),
    loadBalancerAddress: () => next(loadBalancerOctet, 1),
    serviceAddress: () => next(serviceOctet, 1),
  };
}

function thirdOctet(cidr: string): number {
  const octet = /^\d+\.\d+\.(\d+)\.\d+\/\d+$/.exec(cidr)?.[1];
  if (octet === undefined) throw new RangeError(`subnet CIDR "${cidr}" must look like 10.0.1.0/24`);
  return Number(octet);
}
