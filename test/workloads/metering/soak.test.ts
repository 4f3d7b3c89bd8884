import { expect, it } from 'vitest';
import { soakMetering } from '#support/workloads/metering-soak.ts';

it("metering's table is independent of duplicates, order and kill -9: byte by byte what the events say", {
  timeout: 90_000,
}, async () => {
  const report = await soakMetering({ events: 120, kills: 5, seed: 20261122 });
  expect(report).toMatchObject({ equal: true, rebuildCode: 0 });
  expect(report.messages).toBeGreaterThan(120);
});
