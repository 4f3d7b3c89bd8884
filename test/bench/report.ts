import type { Finding } from './part.ts';

const headings = ['what', 'measured', 'baseline', 'ratio', 'target', ''] as const;

/** Ratios are compared as printed, so that a printed 1.150 does not miss a target of 1.15. */
const decimals = 3;

export const isMet = ({ ratio, target = Number.POSITIVE_INFINITY }: Finding): boolean =>
  Number(ratio.toFixed(decimals)) <= target;

/** A table of the findings, and below it how many targets are met. */
export function report(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => [
    finding.what,
    finding.measured,
    finding.baseline,
    finding.ratio.toFixed(decimals),
    finding.target === undefined ? 'none' : `<= ${finding.target}`,
    finding.target === undefined ? '' : isMet(finding) ? 'met' : 'MISSED',
  ]);
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column]!)).join('  ');
  const rule = widths.map((width) => '-'.repeat(width));
  const targeted = findings.filter(({ target }) => target !== undefined);
  const missed = targeted.filter((finding) => !isMet(finding)).length;
  const verdict =
    missed === 0
      ? `Targets met: ${targeted.length} of ${targeted.length}.`
      : `${missed} of ${targeted.length} targets MISSED. Times depend on the machine and on what else runs on it.`;
  return [...[headings, rule, ...rows].map((cells) => line(cells).trimEnd()), '', verdict].join('\n');
}
