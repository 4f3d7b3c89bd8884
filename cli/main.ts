import { fail } from './fail.ts';

// The launcher's compile cache is for this process only; services, functions and tests that it starts must not use it.
delete process.env['NODE_COMPILE_CACHE'];

// `./stepkube --help | head` closes the pipe early. That is no error: the output is not needed any more.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

// Imported dynamically so that fail() also reports a package that is not installed.
try {
  const [{ loadVerbs }, { createProgram, run }] = await Promise.all([
    import('./load-verbs.ts'),
    import('./program.ts'),
  ]);
  const args = process.argv.slice(2);
  await run(createProgram(await loadVerbs(args[0])), args);
} catch (error) {
  fail(error);
}
