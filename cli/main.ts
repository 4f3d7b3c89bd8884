import { fail } from './fail.ts';

// The launcher's cache is for this process: what runs from here (services, functions, tests) has its own environment.
delete process.env['NODE_COMPILE_CACHE'];

// `./stepkube --help | head` closes the pipe early: whoever reads has seen enough, and the work ends in its own way.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

// Imported here so that a package that is not installed is told like every other error.
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
