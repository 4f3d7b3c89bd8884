import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { createContext, type RunningContext } from '#local/context/context.ts';
import { eventually } from '#support/eventually.ts';

const running: RunningContext[] = [];

async function newContext(options: Partial<Parameters<typeof createContext>[0]> = {}): Promise<RunningContext> {
  const context = await createContext({ scale: 1000, faults: [], ...options });
  running.push(context);
  return context;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((context) => context.stop()));
});

describe('network', () => {
  it('two twins at the same time have different addresses', async () => {
    const [first, second] = [await newContext(), await newContext()];

    expect(first.network.cloudAddress).not.toBe(second.network.cloudAddress);
  });

  it('the network of a stopped twin is free again', async () => {
    // Another twin of this machine may take or free a network meanwhile: then the next attempt shows it.
    await eventually(async () => {
      const first = await newContext();
      await first.stop();
      const second = await newContext();

      expect(second.network.cloudAddress).toBe(first.network.cloudAddress);
    });
  });

  it('instances, pods and load balancers have addresses in ranges of their own', async () => {
    const { network } = await newContext();
    const prefix = network.cloudAddress.split('.').slice(0, 2).join('.');

    expect(network.instanceAddress('10.0.1.0/24')).toBe(`${prefix}.1.10`);
    expect(network.instanceAddress('10.0.1.0/24')).toBe(`${prefix}.1.11`);
    expect(network.podAddress(2)).toBe(`${prefix}.102.1`);
    expect(network.loadBalancerAddress()).toBe(`${prefix}.254.1`);
  });

  it('instanceAddress refuses a subnet that is not a CIDR block', async () => {
    const { network } = await newContext();

    expect(() => network.instanceAddress('subnet-1')).toThrow('subnet CIDR "subnet-1" must look like 10.0.1.0/24');
  });
});

describe('time', () => {
  it('simulated seconds are divided by the scale', async () => {
    const { time } = await newContext({ scale: 100 });

    expect(time.milliseconds(60)).toBe(600);
  });

  it('an aborted wait rejects with the reason of the signal', async () => {
    const { time } = await newContext({ scale: 1 });
    const stopping = new AbortController();
    const waiting = time.wait(3600, stopping.signal);
    stopping.abort(new Error('twin stops'));

    await expect(waiting).rejects.toThrow('twin stops');
  });

  it('createContext refuses a scale of 0', async () => {
    await expect(createContext({ scale: 0, faults: [] })).rejects.toThrow('scale: 0 must be a number above 0');
  });
});

describe('faults', () => {
  it('a fault is taken for its subject as many times as planned', async () => {
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
  ])('the fault %s is refused: %s', async (fault, message) => {
    await expect(createContext({ scale: 1, faults: [fault] })).rejects.toThrow(message);
  });
});

describe('folder', () => {
  it("a twin's folder has its log and is removed when the twin stops", async () => {
    const context = await newContext();
    context.log('cloud', 'started');

    expect(readFileSync(context.logFile, 'utf8')).toMatch(/Z cloud: started\n$/);
    await context.stop();
    expect(existsSync(context.root)).toBe(false);
    expect(() => context.log('cloud', 'late')).not.toThrow();
  });
});

describe('changes', () => {
  it('a listener is called for each change until it is removed', async () => {
    const context = await newContext();
    let seen = 0;
    const removeListener = context.onChanged(() => {
      seen += 1;
    });
    context.changed();
    removeListener();
    context.changed();

    expect(seen).toBe(1);
  });
});
