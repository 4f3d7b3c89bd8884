import { readFileSync } from 'node:fs';
import { projectPath } from '@stepkube/tools/project-path.ts';
import type { Check } from '../check-outcome.ts';
import { readSourceNames } from '../source-names.ts';
import { forbiddenSuppressions } from '../suppressions.ts';

/** Comments that switch the type checker off. Biome's noTsIgnore knows one of them only. */
export const suppressions: Check = {
  name: 'suppressions',
  run: async () => {
    const names = readSourceNames();
    const found = names.flatMap((name) => forbiddenSuppressions(name, readFileSync(projectPath(name), 'utf8')));
    return {
      status: found.length === 0 ? 'passed' : 'failed',
      detail: `${names.length} files`,
      output: found.join('\n'),
    };
  },
};
