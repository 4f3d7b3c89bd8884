import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { fail } from '#cli/configuration.ts';
import { oneOf, wholeNumber } from '#cli/options.ts';
import { chooseModel } from '#local/assembly/model.ts';
import { detector } from './detector.ts';
import { executions } from './executions.ts';
import { memory } from './memory.ts';
import type { BenchOptions, Finding, Part } from './part.ts';
import { report } from './report.ts';
import { services } from './services.ts';

const parts: readonly Part[] = [detector, memory, services, executions];

const help = `Usage: npm run bench -- [options]

Measures speed and memory of the services and prints a table of ratios, each against a baseline of the same run. A missed
target is reported but is no error, because speed depends on the machine.

  --only NAME         only this part; can be repeated: ${parts.map(({ name }) => name).join(', ')}
  --model NAME        auto (default), demo or official; YOLO5_MODEL=FILE.onnx [YOLO5_LABELS=FILE.txt] takes your own
  --threads N         threads of the model (default: 1, as in a pod)
  --runs N            repetitions of each time measurement (default: 200)
  --pictures N        number of pictures and events in the memory measurements (default: 2000)
  --megapixels N      size of the largest pictures (default: 40)
  --seed N            random seed of the pictures (default: 1)
  -h, --help          this text`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      model: { type: 'string', default: 'auto' },
      threads: { type: 'string', default: '1' },
      runs: { type: 'string', default: '200' },
      pictures: { type: 'string', default: '2000' },
      megapixels: { type: 'string', default: '40' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(help);
  const chosen = chooseParts(values.only);
  const options: BenchOptions = {
    threads: wholeNumber('--threads', values.threads, 1),
    runs: wholeNumber('--runs', values.runs, 1),
    pictures: wholeNumber('--pictures', values.pictures, 20),
    maxMegapixels: wholeNumber('--megapixels', values.megapixels, 1),
    seed: wholeNumber('--seed', values.seed, 0),
    model: await chooseModel(oneOf('--model', values.model, ['auto', 'demo', 'official']), process.env),
    progress: (text) => console.error(text),
  };
  const findings: Finding[] = [];
  for (const part of chosen) findings.push(...(await part.run(options)));
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  console.log(`model: ${options.model.title}; threads: ${options.threads}; ${processor}, Node ${process.version}\n`);
  console.log(report(findings));
}

function chooseParts(names: readonly string[]): readonly Part[] {
  for (const name of names)
    oneOf(
      '--only',
      name,
      parts.map((part) => part.name),
    );
  return names.length === 0 ? parts : parts.filter(({ name }) => names.includes(name));
}

main().catch(fail);
