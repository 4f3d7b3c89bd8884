import { cpus } from 'node:os';
import { runVerb } from '#cli/program.ts';
import { type benchParts, declareBench } from '#cli/verbs/bench.ts';
import { chooseModel } from '#local/assembly/model.ts';
import { detector } from './detector.ts';
import { executions } from './executions.ts';
import { joins } from './joins.ts';
import { memory } from './memory.ts';
import type { BenchOptions, Finding, Part } from './part.ts';
import { report } from './report.ts';
import { services } from './services.ts';

type PartName = (typeof benchParts)[number];

const parts: Readonly<Record<PartName, Part>> = { detector, memory, services, executions, joins };

type Values = ReturnType<ReturnType<typeof declareBench>['opts']>;

async function bench(values: Values): Promise<void> {
  const { threads, runs, pictures, megapixels, seed } = values;
  const options: BenchOptions = {
    threads,
    runs,
    pictures,
    maxMegapixels: megapixels,
    seed,
    model: await chooseModel(values.model, process.env),
    progress: (text) => console.error(text),
  };
  const findings: Finding[] = [];
  for (const part of chooseParts(values.only)) findings.push(...(await part.run(options)));
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  console.log(`model: ${options.model.title}; threads: ${options.threads}; ${processor}, Node ${process.version}\n`);
  console.log(report(findings));
}

/** In the order in which all of them run. */
function chooseParts(names: readonly string[] | undefined): readonly Part[] {
  return Object.values(parts).filter(({ name }) => names === undefined || names.includes(name));
}

await runVerb(declareBench().action(bench));
