import { type Shim, ShimError } from './shim.ts';

/** cloud-init: always done, because an instance of the twin has booted before its agent is online. */
export const cloudInit: Shim = ({ argv }) => {
  if (argv.join(' ') !== 'status --wait') throw new ShimError("cloud-init: the twin supports only 'status --wait'");
  return { stdout: '\nstatus: done\n' };
};
