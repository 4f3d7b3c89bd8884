import type { ExecutionView } from '#local/contracts/views.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import { ExecutionStore } from './execution-store.ts';
import { MachineStore, machineProvider } from './machine-store.ts';
import { statesOperations } from './operations.ts';
import { TokenStore } from './token-store.ts';

export interface StatesModule extends CloudModule {
  view(): { readonly executions: readonly ExecutionView[] };
}

/** Step Functions: the template's state machines, interpreted. */
export function createStatesModule(core: CloudCore): StatesModule {
  const machines = new MachineStore();
  const tokens = new TokenStore();
  const executions = new ExecutionStore(core, machines, tokens);
  return {
    services: [
      {
        name: 'states',
        operations: statesOperations(machines, executions, tokens),
        resourcesOf: (_operation, { executionArn, stateMachineArn, taskToken }) => {
          const arn = executionArn ?? stateMachineArn ?? tokens.machineOf(String(taskToken));
          return typeof arn === 'string' ? [arn] : [];
        },
      },
    ],
    providers: [machineProvider(core, machines)],
    stop: () => executions.stop(),
    view: () => ({ executions: executions.list().map((execution) => execution.view()) }),
  };
}
