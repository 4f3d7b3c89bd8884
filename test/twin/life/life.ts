import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AutoScalingClient, SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect } from 'vitest';
import { writeOperatorFiles } from '#cli/start/operator-files.ts';
import { clientOptions, type Twin } from '#local/twin.ts';
import { servingWorkers, startTestTwin } from '#support/twin.ts';

/** One twin that lives on after its cluster's birth, which the parts of the test follow each other on. */
export class Life {
  twin!: Twin;

  async start(): Promise<void> {
    // The schedule of tokens is missed on each of the days: join-node has to ask for itself. That of kubeconfigs, which renews tokens as
    // well, is missed until day 100: then the kubeconfigs end.
    const missed = ['schedule-missed:stepkube-rotate-jointoken:9', 'schedule-missed:stepkube-rotate-kubeconfig:1'];
    this.twin = await startTestTwin([...missed, 'lifecycle-event-lost:stepkube-terminate']);
    const progress = await this.twin.follow(await this.twin.startProvisioning());
    expect(progress.end).toMatchObject({ status: 'SUCCEEDED' });
  }

  async stop(): Promise<void> {
    await this.twin?.stop();
  }

  podsOf(...services: readonly string[]) {
    return this.twin.cluster
      .view()
      .pods.filter(({ name }) => services.some((service) => name.startsWith(`${service}-`)));
  }

  executionsOf(machine: string) {
    return this.twin.cloud.view().executions.filter((execution) => execution.machine.endsWith(machine));
  }

  /** Machine and cause of each execution that has failed. */
  get failures(): readonly string[] {
    return this.twin.cloud
      .view()
      .executions.filter(({ status }) => status === 'FAILED' || status === 'TIMED_OUT')
      .map(({ machine, cause }) => `${machine}: ${cause}`);
  }

  async scaleTo(workers: number): Promise<void> {
    const autoScaling = new AutoScalingClient(clientOptions(this.twin.cloud));
    const group = { AutoScalingGroupName: 'stepkube-workers', DesiredCapacity: workers };
    await autoScaling.send(new SetDesiredCapacityCommand(group));
  }

  readyWorkers(): number {
    return servingWorkers(this.twin);
  }

  /** Starts an execution and waits for its end. */
  async run(machine: string, input: object): Promise<void> {
    const stateMachineArn = this.twin.cloud.outputs['ProvisionClusterMachineArn']!.replace(
      'provision-cluster',
      machine,
    );
    const start = new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) });
    const { executionArn } = await this.#stepFunctions.send(start);
    expect((await this.twin.follow(executionArn!)).end).toMatchObject({ status: 'SUCCEEDED' });
  }

  async outputOf<T>(executionArn: string): Promise<T> {
    const { output } = await this.#stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    return JSON.parse(output!) as T;
  }

  /** kubectl with every right, as people get it who work with a running twin. @returns standard output */
  async kubectl(...args: readonly string[]): Promise<string> {
    const env = { PATH: process.env['PATH'] ?? '', HOME: this.twin.context.root };
    const script = 'source "$1" && shift && exec kubectl "$@"';
    const words = ['-c', script, 'bash', await writeOperatorFiles(this.twin), ...args];
    return (await promisify(execFile)('bash', words, { env })).stdout;
  }

  get #stepFunctions() {
    return new SFNClient(clientOptions(this.twin.cloud));
  }
}
