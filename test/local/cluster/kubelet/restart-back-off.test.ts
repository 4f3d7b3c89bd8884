import { expect, it } from 'vitest';
import { RestartBackOff } from '#local/cluster/kubelet/restart-back-off.ts';
import { createTime } from '#local/context/time.ts';

it('a container is started again at once, then after 10 s, doubled up to five minutes, until it has run for ten minutes', () => {
  const restarts = new RestartBackOff(createTime(1));
  const waits = Array.from({ length: 8 }, () => {
    restarts.ended(599_999);
    return restarts.next();
  });
  expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
  restarts.ended(600_000);
  expect([restarts.next(), restarts.next()]).toEqual([0, 10]);
});
