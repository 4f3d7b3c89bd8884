import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { type Browser, chromium } from 'playwright-core';

const cacheFolder = projectPath('.cache/browser');

/**
 * Starts the Chromium of the npm package @sparticuz/chromium, with the shared libraries that the package brings (al2023): they are
 * missing on a machine without a desktop. To be closed after use.
 */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, args } = await unpackChromium(cacheFolder);
  return chromium.launch({
    executablePath,
    args: args.filter((argument) => !argument.includes('disable-web-security')),
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(cacheFolder, 'al2023/lib'),
      FONTCONFIG_FILE: await fontConfiguration(),
    },
  });
}

/** The package unpacks into os.tmpdir(), which is set to a folder that is kept for the next run while it does. */
async function unpackChromium(folder: string) {
  await mkdir(folder, { recursive: true });
  const { TMPDIR } = process.env;
  process.env['TMPDIR'] = folder;
  try {
    const { default: packaged, inflate } = await import('@sparticuz/chromium');
    const executablePath = await packaged.executablePath();
    await inflate(projectPath('node_modules/@sparticuz/chromium/bin/al2023.tar.br'));
    return { executablePath, args: packaged.args };
  } finally {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  }
}

/** The package's own configuration has the path of the font in a Lambda function. */
async function fontConfiguration(): Promise<string> {
  const file = join(cacheFolder, 'fonts.conf');
  const [fonts, cache] = [join(cacheFolder, 'fonts/fonts'), join(cacheFolder, 'fonts-cache')];
  // Renamed when it is complete: another test may start its browser meanwhile.
  await writeFile(
    `${file}.${process.pid}`,
    `<fontconfig><dir>${fonts}</dir><cachedir>${cache}</cachedir></fontconfig>\n`,
  );
  await rename(`${file}.${process.pid}`, file);
  return file;
}
