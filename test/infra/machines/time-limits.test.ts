import { describe, expect, it } from 'vitest';
import { deliverySeconds } from '#infra/commands/time-limits.ts';
import { machineNames } from '#infra/lib/machine-files.ts';
import { assembleDocument, documentNames } from '#ssm-documents/assemble.ts';
import { clusterTemplate, definitionOf, only, resourcesOf } from '#support/infra.ts';
import { statesOf } from '#support/run-asl.ts';

const template = clusterTemplate();
const runCommand = definitionOf(template, 'run-command');
const commandLimitSeconds = runCommand.States['RunDocument']!.TimeoutSeconds!;
const tasks = machineNames.flatMap((machine) =>
  statesOf(definitionOf(template, machine)).flatMap(([state, task]) =>
    task.Type === 'Task' ? [{ machine, state, task }] : [],
  ),
);
const functions = resourcesOf(template, 'AWS::Lambda::Function');
const functionTasks = tasks.filter(({ task }) => task.Resource! in functions);
// The drain of a launch that failed is cut off: its instance is to be replaced.
const nestedTasks = tasks.filter(({ state, task }) => task.Resource!.endsWith('sync:2') && state !== 'DrainHalfJoined');

describe('time limits', () => {
  it.each(functionTasks)('$machine: $state waits longer than its function may run', ({ task }) => {
    expect(task.TimeoutSeconds).toBeGreaterThan(functions[task.Resource!]!.Properties.Timeout);
  });

  it.each(nestedTasks)('$machine: $state waits longer than run-command may run', ({ task }) => {
    expect(task.TimeoutSeconds).toBeGreaterThan(runCommand.TimeoutSeconds!);
  });

  it.each(documentNames)('run-command waits longer than document %s may be delivered and run', (name) => {
    const [step] = assembleDocument(name).mainSteps;
    expect(commandLimitSeconds).toBeGreaterThan(Number(step.inputs.timeoutSeconds) + deliverySeconds);
  });

  it('run-command has time for its retries after the first attempt', () => {
    expect(runCommand.TimeoutSeconds).toBeGreaterThan(commandLimitSeconds);
  });

  it('run-command names its own time limit when a command does not end', () => {
    expect(JSON.stringify(runCommand.States['DescribeSilence'])).toContain(
      `did not end within ${commandLimitSeconds} seconds`,
    );
  });

  it('the launch hook holds an instance longer than join-node may run', () => {
    const { Properties } = only(template, 'AWS::AutoScaling::AutoScalingGroup', () => true);
    const [launchHook] = Properties.LifecycleHookSpecificationList;
    expect(launchHook.HeartbeatTimeout).toBeGreaterThan(definitionOf(template, 'join-node').TimeoutSeconds!);
  });

  it('every task but RunDocument, and a drain that is cut off, waits for a function or for run-command', () => {
    const checked = new Set([...functionTasks, ...nestedTasks]);
    expect(tasks.filter((task) => !checked.has(task)).map(({ state }) => state)).toEqual([
      'DrainHalfJoined',
      'RunDocument',
    ]);
  });
});
