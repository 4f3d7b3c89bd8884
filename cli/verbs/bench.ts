import { Option } from '@commander-js/extra-typings';
import { runScript } from '../run-script.ts';
import { wholeNumber } from '../values.ts';
import { createVerb } from '../verb.ts';

/** Parts of the benchmark, in the order they run. */
export const benchParts = ['detector', 'memory', 'services', 'executions', 'joins'] as const;

export function declareBench() {
  return createVerb('bench', {
    group: 'Development:',
    summary: 'measure speed and memory of the services',
    description:
      'Measures speed and memory of the services and prints a table of ratios, each against a baseline of the same run. A missed target is reported but is no error, because speed depends on the machine.',
  })
    .addOption(new Option('--only <part...>', 'only these parts').choices(benchParts))
    .addOption(
      new Option('--model <name>', 'weights of the detector')
        .choices(['auto', 'demo', 'official'] as const)
        .default('auto'),
    )
    .option('--threads <number>', 'threads of the model; a pod has 1', wholeNumber(1), 1)
    .option('--runs <number>', 'repetitions of each time measurement', wholeNumber(1), 200)
    .option('--pictures <number>', 'number of pictures and events in the memory measurements', wholeNumber(20), 2000)
    .option('--megapixels <number>', 'size of the largest pictures', wholeNumber(1), 40)
    .option('--seed <number>', 'random seed of the pictures', wholeNumber(0), 1)
    .addHelpText(
      'after',
      '\nYOLO5_MODEL=FILE.onnx [YOLO5_LABELS=FILE.txt] in the environment takes a model of your own.',
    );
}

export const command = () => declareBench().action(runScript('test/bench/main.ts'));
