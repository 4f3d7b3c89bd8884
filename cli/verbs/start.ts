import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { createFaultPlan, faultNames } from '#local/context/faults.ts';
import { UsageError } from '../errors.ts';
import { positiveNumber, wholeNumber } from '../values.ts';
import { createVerb, outputOption } from '../verb.ts';

const notes = `
Names of faults: ${faultNames.join(', ')}
YOLO5_MODEL=FILE.onnx [YOLO5_LABELS=FILE.txt] in the environment takes a model of your own.`;

export function command() {
  return createVerb('start', {
    group: 'Local twin:',
    summary: 'run the local twin: the whole of stepkube on this machine',
    description:
      'Synthesizes the CDK app, deploys the template to a simulated AWS account on this machine, starts the provision-cluster execution and serves a page with a chat in which the bot answers photos.',
  })
    .option('--photo <file>', 'once the cluster is ready, send this picture to the bot and save the annotated one')
    .option('--save <file>', "where to save it (default: <photo's name>-annotated.jpg in this folder)")
    .option('--exit', 'leave when the cluster is ready and the photo answered, instead of serving the page')
    .option('--port <port>', 'port of the page on 127.0.0.1 (default: 8080, or any free one)', wholeNumber(0, 65_535))
    .addOption(
      new Option('--model <name>', 'weights of the detector')
        .choices(['auto', 'demo', 'official'] as const)
        .default('auto'),
    )
    .option('--speed <factor>', 'how many times faster than real time simulated waiting runs', positiveNumber(1000), 20)
    .addOption(
      new Option('--fault <name:subject[:times]>', 'make something fail, e.g. join-fails:worker; may be repeated')
        .default([] as readonly string[], 'none')
        .argParser(addFault),
    )
    .addOption(outputOption())
    .addHelpText('after', notes)
    .action(async ({ exit = false, output, save, ...options }) => {
      const json = output === 'json';
      if (json && !exit) throw new UsageError('--output json: needs --exit, because the result is printed at the end');
      if (save !== undefined && options.photo === undefined) throw new UsageError(`--save ${save}: needs --photo`);
      const [{ loadConfig }, { interruptible }, { runTwin }] = await Promise.all([
        import('../configuration.ts'),
        import('../signals.ts'),
        import('../start/run-twin.ts'),
      ]);
      const config = await loadConfig();
      await interruptible((signal) => runTwin({ ...options, config, save, exit, json }, signal));
    });
}

function addFault(specification: string, earlier: readonly string[]): readonly string[] {
  try {
    createFaultPlan([specification]);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return [...earlier, specification];
}
