import type { CommandOutcome, CommandRun, InstanceHost, InstanceSpec } from '#local/contracts/instance.ts';

/** An instance host for tests of local/cloud: records what it is told. */
export interface FakeInstances extends InstanceHost {
  readonly booted: InstanceSpec[];
  readonly runs: { readonly instanceId: string; readonly command: CommandRun }[];
  readonly terminated: string[];
  /** 'off i-...' and 'on i-...', in their order. */
  readonly power: string[];
  /** The outcome of a command; tests replace it. */
  answer: (command: CommandRun) => Promise<CommandOutcome> | CommandOutcome;
  /** Whether agents register; false: never. */
  agents: boolean;
}

/** Instances that boot at once and on which every command succeeds. */
export function createFakeInstances(): FakeInstances {
  const online = () => ({
    agentOnline: fake.agents ? Promise.resolve({ agentVersion: '3.3.3050.0' }) : new Promise<never>(() => {}),
  });
  const fake: FakeInstances = {
    booted: [],
    runs: [],
    terminated: [],
    power: [],
    agents: true,
    answer: () => ({ status: 'Success', exitCode: 0, stdout: 'done\n', stderr: '' }),
    boot: (spec) => {
      fake.booted.push(spec);
      return online();
    },
    powerOff: async (instanceId) => {
      fake.power.push(`off ${instanceId}`);
    },
    powerOn: (instanceId) => {
      fake.power.push(`on ${instanceId}`);
      return online();
    },
    run: async (instanceId, command) => {
      fake.runs.push({ instanceId, command });
      return fake.answer(command);
    },
    terminate: async (instanceId) => {
      fake.terminated.push(instanceId);
    },
    stop: async () => {},
  };
  return fake;
}
