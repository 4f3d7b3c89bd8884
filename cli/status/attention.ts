import type { ClusterStatus } from './status.ts';

/** What needs somebody, each with the next step; empty when nothing does. */
export function attentionOf(status: Omit<ClusterStatus, 'attention'>): readonly string[] {
  const { controlPlanes, workers, executions, secrets, stack } = status;
  const found: string[] = [];
  if (/FAILED|ROLLBACK/.test(stack.status)) found.push(`The stack is ${stack.status}: ./stepkube deploy`);
  const telegram = secrets.find(({ name }) => name.endsWith('/telegram'));
  if (telegram !== undefined && telegram.changedAt === undefined)
    found.push(`The secret ${telegram.name} has no value: store {"token": "..."}, which BotFather issues`);
  if (controlPlanes.length > 1)
    found.push(
      `${controlPlanes.map(({ instanceId }) => instanceId).join(', ')} are all tagged as control plane: terminate all but one`,
    );
  const [controlPlane] = controlPlanes;
  if (controlPlane === undefined) found.push('There is no control plane: ./stepkube provision --yes');
  else if (controlPlane.state === 'stopped' || controlPlane.state === 'stopping')
    found.push(
      `The control plane ${controlPlane.instanceId} is ${controlPlane.state}: ./stepkube provision --yes starts it`,
    );
  if (workers.launchesAreSuspended)
    found.push('Launches of workers were stopped, because they cannot succeed: docs/runbooks/launch-loop.md');
  for (const { machine, status: ended, cause } of executions)
    if (ended !== 'RUNNING' && ended !== 'SUCCEEDED')
      found.push(`${machine} ended as ${ended}: ${cause ?? 'no cause is given'} (docs/runbooks/failed-execution.md)`);
  return found;
}
