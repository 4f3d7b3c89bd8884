import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const cacheFolder = join(import.meta.dirname, '../../.cache/browser');

/**
 * Starts the Chromium that comes with npm. It brings the few shared libraries it needs (al2023), so that a machine
 * without a desktop's packages can run it. Close the browser after use.
 */
export async function launchBrowser(): Promise<Browser> {
  const { default: packaged, inflate } = await unpackedInto(cacheFolder);
  const executablePath = await packaged.executablePath();
  await inflate(join(import.meta.dirname, '../../node_modules/@sparticuz/chromium/bin/al2023.tar.br'));
  return chromium.launch({
    executablePath,
    args: packaged.args.filter((argument) => !argument.includes('disable-web-security')),
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(cacheFolder, 'al2023/lib'),
      FONTCONFIG_PATH: join(cacheFolder, 'fonts'),
    },
  });
}

/** The package unpacks into os.tmpdir(), which must be one folder for all its steps and be kept for the next run. */
async function unpackedInto(folder: string) {
  const { mkdir } = await import('node:fs/promises');
  await mkdir(folder, { recursive: true });
  process.env['TMPDIR'] = folder;
  return import('@sparticuz/chromium');
}
