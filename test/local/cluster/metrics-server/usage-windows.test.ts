import { describe, expect, it } from 'vitest';
import type { ContainerStats } from '#local/cluster/client/container-stats.ts';
import { UsageWindows } from '#local/cluster/metrics-server/usage-windows.ts';

const scrapeIntervalMilliseconds = 1000;

function stats(measuredAtMilliseconds: number, cpuSeconds: number, container = 'web'): ContainerStats {
  return {
    podUid: 'pod',
    container,
    startedAtMilliseconds: 10_000,
    measuredAtMilliseconds,
    cpuSeconds,
    residentBytes: measuredAtMilliseconds,
  };
}

describe('UsageWindows', () => {
  it('the first window of a container begins with its start', () => {
    const windows = new UsageWindows(scrapeIntervalMilliseconds);
    windows.add([stats(11_000, 0.25)]);

    expect(windows.ofPod('pod')).toEqual({
      measuredAt: new Date(11_000),
      windowSeconds: 1,
      containers: [{ container: 'web', cpuCores: 0.25, memoryBytes: 11_000 }],
    });
  });

  it('a later window covers the time between the last two scrapes', () => {
    const windows = new UsageWindows(scrapeIntervalMilliseconds);
    windows.add([stats(11_000, 0.25)]);
    windows.add([stats(13_000, 1.25)]);

    expect(windows.ofPod('pod')).toMatchObject({ windowSeconds: 2, containers: [{ cpuCores: 0.5 }] });
  });

  it('a pod has no usage until each of its containers has run for half a scrape interval', () => {
    const windows = new UsageWindows(scrapeIntervalMilliseconds);
    windows.add([stats(10_400, 0.1)]);
    expect(windows.ofPod('pod')).toBeUndefined();

    windows.add([stats(11_400, 0.1), { ...stats(11_400, 0.1, 'sidecar'), startedAtMilliseconds: 11_000 }]);
    expect(windows.ofPod('pod')).toBeUndefined();
    windows.add([stats(12_400, 0.1), { ...stats(12_400, 0.1, 'sidecar'), startedAtMilliseconds: 11_000 }]);
    expect(windows.ofPod('pod')?.containers.map(({ container }) => container)).toEqual(['web', 'sidecar']);
  });

  it('containers that a scrape does not find are forgotten', () => {
    const windows = new UsageWindows(scrapeIntervalMilliseconds);
    windows.add([stats(11_000, 0.25)]);
    windows.add([]);

    expect(windows.ofPod('pod')).toBeUndefined();
  });
});
