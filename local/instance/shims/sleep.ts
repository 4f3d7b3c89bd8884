import { type Shim, takes } from './shim.ts';

/** sleep, in the twin's scaled time. */
export const sleep: Shim = async (call) => {
  await takes(call, Number(call.argv[0] ?? '0'));
  return {};
};
