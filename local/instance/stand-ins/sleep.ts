import { type StandIn, takes } from './stand-in.ts';

/** sleep, in the twin's time. */
export const sleep: StandIn = async (call) => {
  await takes(call, Number(call.argv[0] ?? '0'));
  return {};
};
