import { describe, expect, it } from 'vitest';
import type { Life } from './life.ts';

const oneMinute = 60_000;

export function describeLostWorker(life: Life): void {
  const workers = () => life.twin.cluster.view().nodes.filter(({ role }) => role === 'worker');
  const readyWorkers = () => workers().filter(({ ready }) => ready);

  describe('a worker that hangs', () => {
    it(
      'a worker whose kubelet is silent for half an hour, while its instance runs, is replaced without a person',
      async () => {
        const [group] = life.twin.cloud.view().groups;
        const [lost] = readyWorkers();
        await life.twin.cluster.stopKubelet(lost!.instanceId);
        await expect
          .poll(() => workers().some(({ instanceId }) => instanceId === lost!.instanceId), { timeout: 2 * oneMinute })
          .toBe(false);
        await expect.poll(() => readyWorkers().length, { timeout: oneMinute }).toBe(group!.desired);
        expect(life.failures).toEqual([]);
        const serving = () => life.podsOf('polybot', 'yolo5').filter(({ ready }) => ready).length;
        await expect.poll(serving, { timeout: oneMinute }).toBeGreaterThanOrEqual(4);
      },
      4 * oneMinute,
    );
  });
}
