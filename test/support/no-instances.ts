import type { InstanceHost } from '#local/contracts/instance.ts';

/** Instances that run nothing: their agents never register. */
export const noInstances: InstanceHost = {
  boot: () => ({ agentOnline: new Promise(() => {}) }),
  run: () => Promise.reject(new Error('no instance runs here')),
  powerOff: async () => {},
  powerOn: () => ({ agentOnline: new Promise(() => {}) }),
  terminate: async () => {},
  stop: async () => {},
};
