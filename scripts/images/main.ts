import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { UsageError } from '#cli/errors.ts';
import { runVerb } from '#cli/program.ts';
import { declareImages } from '#cli/verbs/images.ts';
import { workloadNames } from '#infra/lib/workload-names.ts';
import { measureLayers } from './measure.ts';
import { targetBytesOf } from './recorded.ts';
import { fits, type ImageReport, largestParts, tableOf } from './report.ts';
import { sbomOf } from './sbom.ts';
import { stageImage } from './stage-image.ts';

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

async function main({ output, service }: { output: string; service?: string | undefined }): Promise<void> {
  const names: readonly string[] = workloadNames;
  if (service !== undefined && !names.includes(service))
    throw new UsageError(`--service ${service}: not one of ${names.join(', ')}`);
  const { text, allFit } = await reportImages(service === undefined ? names : [service], resolve(output));
  console.log(text);
  if (!allFit) process.exitCode = 1;
}

if (import.meta.main) await runVerb(declareImages().action(main));
