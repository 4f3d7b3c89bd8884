/** A decoding process that takes images and never answers. */
process.on('message', () => undefined);
process.on('disconnect', () => process.exit());
process.send?.({ kind: 'ready' });
