import { styleText } from 'node:util';

/**
 * What fails where nothing awaits it (a timer, a socket, a terminal that went away) is shown and makes the exit code 1,
 * but the process lives on: it has to stop the processes of pods and scripts, and to remove its folders.
 */
export function surviveStrayErrors(): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error) => {
      console.error(`\n${styleText('red', '✖', { stream: process.stderr })} an error outside of every request:`, error);
      process.exitCode = 1;
    });
  }
}
