import { styleText } from 'node:util';

/**
 * An error outside of awaited code (a timer, a socket, a closed terminal) is printed and makes the exit code 1, but does
 * not end the process: it still has to stop the processes of pods and scripts and to remove its folders.
 */
export function surviveStrayErrors(): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error) => {
      console.error(`\n${styleText('red', '✖', { stream: process.stderr })} an error outside of every request:`, error);
      process.exitCode = 1;
    });
  }
}
