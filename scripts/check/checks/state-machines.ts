import { globSync, readFileSync } from 'node:fs';
import { projectFolder, projectPath } from '@stepkube/tools/project-path.ts';
import validate from 'asl-validator';
import { exampleValue, fillPlaceholders } from '#infra/lib/placeholders.ts';
import type { Check } from '../check-outcome.ts';

/** One check per state machine, with an example in place of every placeholder; infra fills in the real values. */
export const stateMachines: readonly Check[] = globSync('state-machines/*.asl.json', { cwd: projectFolder })
  .sort()
  .map((file) => ({
    name: `asl ${file}`,
    run: async () => {
      const definition = fillPlaceholders(readFileSync(projectPath(file), 'utf8'), exampleValue);
      const { isValid, errorsText } = validate(definition as Parameters<typeof validate>[0]);
      return isValid ? { status: 'passed' } : { status: 'failed', output: errorsText('\n') };
    },
  }));
