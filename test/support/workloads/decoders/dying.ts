/** A decoding process that dies of every image. */
process.on('message', () => process.kill(process.pid, 'SIGKILL'));
process.on('disconnect', () => process.exit());
process.send?.({ kind: 'ready' });
