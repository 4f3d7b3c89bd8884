import { type StandIn, StandInError } from './stand-in.ts';

/** cloud-init: an instance of the twin has booted by the time its agent is online. */
export const cloudInit: StandIn = ({ argv }) => {
  if (argv.join(' ') !== 'status --wait') throw new StandInError("cloud-init: the twin knows only 'status --wait'");
  return { stdout: '\nstatus: done\n' };
};
