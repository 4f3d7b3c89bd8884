import { titleOf } from '@stepkube/tools/executions/outline.ts';
import type { ExecutionOutcome } from './outcome.ts';

/** A line for each state that was entered: `Install runtime   1 min 5 s   2 failed attempts`. */
export function durationTable({ states, seconds }: ExecutionOutcome): string {
  const rows = states.map(({ name, status, seconds, failedAttempts }) => [
    titleOf(name),
    formatSeconds(seconds),
    [status === 'succeeded' ? [] : status, failedAttempts === 0 ? [] : attemptsText(failedAttempts)].flat().join(', '),
  ]);
  rows.push(['Together', formatSeconds(seconds), '']);
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]!.length));
  const [titleWidth, timeWidth] = [widthOf(0), widthOf(1)];
  return rows
    .map(([title, time, note]) => `${title!.padEnd(titleWidth)}  ${time!.padStart(timeWidth)}  ${note}`.trimEnd())
    .join('\n');
}

/** 0.84 -> '0.8 s', 65 -> '1 min 5 s', 3700 -> '61 min 40 s' */
export function formatSeconds(seconds: number | undefined): string {
  if (seconds === undefined) return '-';
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function attemptsText(count: number): string {
  return count === 1 ? '1 failed attempt' : `${count} failed attempts`;
}
