import { styleText } from 'node:util';
import type { Finding } from './check.ts';
import type { Examination } from './examine.ts';

const marks = { ok: ['green', '✔'], problem: ['red', '✖'], unknown: ['yellow', '?'] } as const;

/** A line for each finding, with the next step in a line below it, and the totals. */
export function report({ findings }: Examination): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, outcome, message, nextStep }) => {
    const [color, mark] = marks[outcome];
    const first = `${styleText(color, mark, { stream: process.stdout })} ${check.padEnd(width)}  ${message}`;
    return nextStep === undefined ? [first] : [first, `${' '.repeat(width + 4)}${nextStep}`];
  });
  const count = (outcome: Finding['outcome']) => findings.filter((finding) => finding.outcome === outcome).length;
  const [problems, unknowns] = [count('problem'), count('unknown')];
  const totals =
    problems + unknowns === 0
      ? 'The account is ready: ./stepkube deploy'
      : `${problems} ${problems === 1 ? 'problem' : 'problems'}, ${unknowns} could not be told`;
  return [...lines, '', totals].join('\n');
}
