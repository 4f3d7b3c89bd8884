import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { workloadNames } from '#infra/lib/workload-names.ts';
import { measureLayers } from './measure.ts';
import { targetBytesOf } from './recorded.ts';
import { fits, type ImageReport, largestParts, tableOf } from './report.ts';
import { sbomOf } from './sbom.ts';
import { stageImage } from './stage-image.ts';

const help = `Usage: npm run images -- [options]

Builds the contents of each service's container image, prints their sizes layer by layer and writes a bill of materials
(CycloneDX 1.6). Needs neither Docker nor network. Exits with code 1 when an image exceeds its maximum size.

  --output FOLDER     where to write <service>.cdx.json (default: images)
  --service NAME      only this service's image
  -h, --help          this text`;

/** An option or its value is wrong; the message names it. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @returns what `npm run images` prints, and whether every image is below its maximum size. */
export async function reportImages(
  services: readonly string[],
  output: string,
  targetOf = targetBytesOf,
): Promise<{ readonly text: string; readonly allFit: boolean }> {
  const scratch = await mkdtemp(join(tmpdir(), 'stepkube-images-'));
  try {
    await mkdir(output, { recursive: true });
    const reports: ImageReport[] = [];
    for (const service of services) {
      console.error(`${service}: building and measuring its layers`);
      const image = await stageImage(service, join(scratch, service));
      const { json, componentCount } = await sbomOf(image);
      const sbomFile = join(output, `${service}.cdx.json`);
      await writeFile(sbomFile, json);
      const sizes = { layers: await measureLayers(image), targetBytes: targetOf(service) };
      const largest = fits(sizes) ? [] : await largestParts(image);
      reports.push({ service, ...sizes, componentCount, sbomFile: relative(process.cwd(), sbomFile), largest });
    }
    return { text: tableOf(reports), allFit: reports.every(fits) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function parseOptions(args: readonly string[]) {
  const options = {
    output: { type: 'string', default: 'images' },
    service: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

async function main(): Promise<void> {
  const { output, service, help: helpWanted } = parseOptions(process.argv.slice(2));
  if (helpWanted) return console.log(help);
  const names: readonly string[] = workloadNames;
  if (service !== undefined && !names.includes(service))
    throw new UsageError(`--service ${service}: not one of ${names.join(', ')}`);
  const { text, allFit } = await reportImages(service === undefined ? names : [service], resolve(output));
  console.log(text);
  if (!allFit) process.exitCode = 1;
}

if (import.meta.main) {
  main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  });
}
