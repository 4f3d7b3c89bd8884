import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { createContext, type RunningContext } from '#local/context/context.ts';

const running: RunningContext[] = [];

async function newContext(options: Partial<Parameters<typeof createContext>[0]> = {}): Promise<RunningContext> {
  const context = await createContext({ scale: 1000, faults: [], ...options });
  running.push(context);
  return context;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((context) => context.stop()));
});

describe('the network of a twin', () => {
  it('is its own: two twins side by side share no address', async () => {
    const [first, second] = [await newContext(), await newContext()];

    expect(first.network.cloudAddress).not.toBe(second.network.cloudAddress);
  });

  it('is free again once the twin stops', async () => {
    const first = await newContext();
    await first.stop();
    const second = await newContext();

    expect(second.network.cloudAddress).toBe(first.network.cloudAddress);
  });

  it('gives instances, pods and load balancers distinct addresses that tell what they are', async () => {
    const { network } = await newContext();
    const prefix = network.cloudAddress.split('.').slice(0, 2).join('.');

    expect(network.instanceAddress('10.0.1.0/24')).toBe(`${prefix}.1.10`);
    expect(network.instanceAddress('10.0.1.0/24')).toBe(`${prefix}.1.11`);
    expect(network.podAddress(2)).toBe(`${prefix}.102.1`);
    expect(network.loadBalancerAddress()).toBe(`${prefix}.254.1`);
  });

  it('refuses a subnet that is not a CIDR', async () => {
    const { network } = await newContext();

    expect(() => network.instanceAddress('subnet-1')).toThrow('subnet CIDR "subnet-1" must look like 10.0.1.0/24');
  });
});

describe('the time of a twin', () => {
  it('runs as many times faster as asked', async () => {
    const { time } = await newContext({ scale: 100 });

    expect(time.milliseconds(60)).toBe(600);
  });

  it('ends a wait with the reason of the abort', async () => {
    const { time } = await newContext({ scale: 1 });
    const stopping = new AbortController();
    const waiting = time.wait(3600, stopping.signal);
    stopping.abort(new Error('twin stops'));

    await expect(waiting).rejects.toThrow('twin stops');
  });

  it('refuses a scale that would stand still', async () => {
    await expect(createContext({ scale: 0, faults: [] })).rejects.toThrow('scale: 0 must be a number above 0');
  });
});

describe('faults', () => {
  it('strike their subject as often as planned, then no more', async () => {
    const { faults } = await newContext({ faults: ['document-fails:init-control-plane:2', 'join-fails:worker'] });

    expect(faults.take('document-fails', 'install-runtime')).toBe(false);
    expect([1, 2, 3].map(() => faults.take('document-fails', 'init-control-plane'))).toEqual([true, true, false]);
    expect([1, 2].map(() => faults.take('join-fails', 'worker'))).toEqual([true, false]);
  });

  it.each([
    ['join-breaks:worker', 'the name must be one of document-fails, command-event-lost'],
    ['toString:worker', 'the name must be one of'],
    ['join-fails:control-plane', 'join-fails needs a subject, worker'],
    ['document-fails', 'document-fails needs a subject, an SSM document'],
    ['join-fails:worker:0', 'times 1 or more'],
    ['join-fails:worker:1:2', 'must be name:subject or name:subject:times'],
  ])('refuses %s and says what is allowed', async (fault, message) => {
    await expect(createContext({ scale: 1, faults: [fault] })).rejects.toThrow(message);
  });
});

describe('the folder of a twin', () => {
  it('holds the log and goes when the twin stops', async () => {
    const context = await newContext();
    context.log('cloud', 'started');

    expect(readFileSync(context.logFile, 'utf8')).toMatch(/Z cloud: started\n$/);
    await context.stop();
    expect(existsSync(context.root)).toBe(false);
    expect(() => context.log('cloud', 'late')).not.toThrow();
  });
});

describe('changes', () => {
  it('reach each listener until it leaves', async () => {
    const context = await newContext();
    let seen = 0;
    const leave = context.onChanged(() => {
      seen += 1;
    });
    context.changed();
    leave();
    context.changed();

    expect(seen).toBe(1);
  });
});
