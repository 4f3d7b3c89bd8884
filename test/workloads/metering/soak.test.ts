import { expect, it } from 'vitest';
import { soakMetering } from '#support/workloads/metering-soak.ts';

it('ends with the same bytes as without repetitions, disorder and kill -9', { timeout: 90_000 }, async () => {
  const report = await soakMetering({ events: 120, kills: 5, seed: 20261122 });
  expect(report).toMatchObject({ equal: true, rebuildCode: 0 });
  expect(report.messages).toBeGreaterThan(120);
});
