import type { ExecutionView } from '#local/contracts/views.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import { ExecutionStore } from './executions.ts';
import { MachineStore, machineProvider } from './machines.ts';
import { statesOperations } from './operations.ts';
import { TokenStore } from './tokens.ts';

/** Step Functions: the template's state machines, interpreted. */
export function createStatesModule(
  core: CloudCore,
): Omit<CloudModule, 'view'> & { view(): { readonly executions: readonly ExecutionView[] } } {
  const machines = new MachineStore();
  const tokens = new TokenStore();
  const executions = new ExecutionStore(core, machines, tokens);
  return {
    services: [
      {
        name: 'states',
        operations: statesOperations(machines, executions, tokens),
        resourcesOf: (_operation, input) => {
          const token = input['taskToken'];
          const arn = input['executionArn'] ?? input['stateMachineArn'] ?? (token && tokens.machineOf(String(token)));
          return typeof arn === 'string' ? [arn] : [];
        },
      },
    ],
    providers: [machineProvider(core, machines)],
    stop: () => executions.stop(),
    view: () => ({ executions: executions.list().map((execution) => execution.view()) }),
  };
}
