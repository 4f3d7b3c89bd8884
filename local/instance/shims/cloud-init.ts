import { type Shim, ShimError } from './shim.ts';

/** cloud-init: an instance of the twin has booted by the time its agent is online. */
export const cloudInit: Shim = ({ argv }) => {
  if (argv.join(' ') !== 'status --wait') throw new ShimError("cloud-init: the twin knows only 'status --wait'");
  return { stdout: '\nstatus: done\n' };
};
