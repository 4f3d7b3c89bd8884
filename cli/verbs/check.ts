import { runScript } from '../run-script.ts';
import { createVerb } from '../verb.ts';

export function declareCheck() {
  return createVerb('check', {
    group: 'Development:',
    summary: 'run the linters, the type checker and the validators',
    description: 'Runs every check but the tests, several at a time, and ends with the totals.',
  })
    .argument('[names...]', 'only checks whose name begins with one of these, e.g. biome tsc kustomize')
    .option('--list', 'list the names of the checks and run none');
}

export const command = () => declareCheck().action(runScript('scripts/check/check.ts'));
