/**
 * To be imported first by a service's main.ts. As process 1 of its container a program without a handler is not ended by SIGTERM, and
 * until its modules are loaded it has none: it would be killed at the end of its grace.
 */
const exitAtOnce = () => process.exit(0);

process.on('SIGTERM', exitAtOnce);
process.on('SIGINT', exitAtOnce);

/** To be called when the service has handlers of its own. */
export function endEarlySignals(): void {
  process.off('SIGTERM', exitAtOnce);
  process.off('SIGINT', exitAtOnce);
}
