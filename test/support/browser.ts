import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { type Browser, chromium } from 'playwright-core';

const cacheFolder = projectPath('.cache/browser');

/**
 * Starts the Chromium that comes with npm. It brings the few shared libraries it needs (al2023), so that a machine
 * without a desktop's packages can run it. Close the browser after use.
 */
export async function launchBrowser(): Promise<Browser> {
  const { default: packaged, inflate } = await unpackedInto(cacheFolder);
  const executablePath = await packaged.executablePath();
  await inflate(projectPath('node_modules/@sparticuz/chromium/bin/al2023.tar.br'));
  return chromium.launch({
    executablePath,
    args: packaged.args.filter((argument) => !argument.includes('disable-web-security')),
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(cacheFolder, 'al2023/lib'),
      FONTCONFIG_FILE: await fontConfiguration(),
    },
  });
}

/** The package unpacks into os.tmpdir(), which must be one folder for all its steps and be kept for the next run. */
async function unpackedInto(folder: string) {
  await mkdir(folder, { recursive: true });
  process.env['TMPDIR'] = folder;
  return import('@sparticuz/chromium');
}

/** The package's own configuration looks for its font where a Lambda function has it. */
async function fontConfiguration(): Promise<string> {
  const file = join(cacheFolder, 'fonts.conf');
  const [fonts, cache] = [join(cacheFolder, 'fonts/fonts'), join(cacheFolder, 'fonts-cache')];
  // Another test may start its browser now: it must not read half of it.
  await writeFile(
    `${file}.${process.pid}`,
    `<fontconfig><dir>${fonts}</dir><cachedir>${cache}</cachedir></fontconfig>\n`,
  );
  await rename(`${file}.${process.pid}`, file);
  return file;
}
