import { globSync, readFileSync } from 'node:fs';
import { projectFolder, projectPath } from '@stepkube/tools/project-path.ts';
import validate from 'asl-validator';
import type { Check } from '../check-outcome.ts';

/** One check per state machine, with an ARN in place of every placeholder; infra fills in the real ones. */
export const stateMachines: readonly Check[] = globSync('state-machines/*.asl.json', { cwd: projectFolder })
  .sort()
  .map((file) => ({
    name: `asl ${file}`,
    run: async () => {
      const definition = readFileSync(projectPath(file), 'utf8').replace(
        /\$\{(\w+)\}/g,
        'arn:aws:lambda:us-east-1:123456789012:function:$1',
      );
      const { isValid, errorsText } = validate(JSON.parse(definition));
      return isValid ? { status: 'passed' } : { status: 'failed', output: errorsText('\n') };
    },
  }));
