import type { ClusterStatus } from './status.ts';

type Row = readonly string[];

/** For a person: what needs somebody first, then what there is. */
export function showStatus(status: ClusterStatus): string {
  const { cluster, region, stack, workers, attention } = status;
  const head = `Cluster ${cluster} in ${region}, stack ${stack.name}: ${stack.status}`;
  const needs =
    attention.length === 0 ? 'Nothing needs you.' : ['Needs you', ...attention.map((line) => `  ${line}`)].join('\n');
  const serving = workers.instances.filter(({ state }) => state === 'InService').length;
  const sections = [
    section(
      'Control plane',
      status.controlPlanes.map(({ instanceId, state, zone, launchedAt }) => [
        instanceId,
        state,
        zone,
        launchedAt === undefined ? '' : `launched ${age(launchedAt)}`,
      ]),
    ),
    section(
      `Workers: ${serving} of ${workers.desired} in service (${workers.minimum} to ${workers.maximum})`,
      workers.instances.map(({ instanceId, state, zone }) => [instanceId, state, zone]),
    ),
    section(
      'Latest executions',
      status.executions.map(({ machine, status: state, startedAt, name }) => [machine, state, age(startedAt), name]),
    ),
    section(
      'Secrets',
      status.secrets.map(({ name, changedAt }) => [name, changedAt === undefined ? 'no value yet' : age(changedAt)]),
    ),
  ];
  return [head, needs, ...sections].join('\n\n');
}

function section(title: string, rows: readonly Row[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
  return [title, ...(rows.length === 0 ? ['  none'] : lines)].join('\n');
}

/** '5 min ago'; the largest unit that fits. */
function age(time: string): string {
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(time)) / 60_000));
  if (minutes < 1) return 'just now';
  if (minutes < 120) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}
