/** The loopback addresses of one twin. Linux answers on all of 127.0.0.0/8, so each twin takes a /16 of its own. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { LoopbackNetwork } from '../contracts/context.ts';

/** Whoever listens here owns the /16. Fixed, so that every twin on the machine asks at the same place. */
const claimPort = 47127;
const firstNetwork = 7;
const lastNetwork = 250;
/** AWS keeps the first four addresses of a subnet; starting at 10 reads better beside 10.0.1.10. */
const firstInstanceHost = 10;
const firstPodOctet = 100;
const serviceOctet = 253;
const loadBalancerOctet = 254;
const twinOctet = 255;

export class NoFreeNetworkError extends Error {
  override readonly name = 'NoFreeNetworkError';
}

/** Takes the first free 127.x.0.0/16; `release` gives it back. @throws NoFreeNetworkError */
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
    const hint = code === 'EADDRNOTAVAIL' ? ': this system does not answer on all of 127.0.0.0/8 (Linux does)' : '';
    throw new NoFreeNetworkError(`cannot listen on ${address}:${claimPort}${hint}`, { cause: error });
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function createNetwork(number: number): LoopbackNetwork {
  const given = new Set<string>();
  const next = (octet: number, firstHost: number): string => {
    for (let host = firstHost; host < 255; host += 1) {
      const address = `127.${number}.${octet}.${host}`;
      if (!given.has(address)) {
        given.add(address);
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
