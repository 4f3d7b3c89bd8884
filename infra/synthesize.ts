/**
 * Synthesizes in a process of its own, so that whoever needs the assembly can stop it and go on meanwhile.
 * usage: node infra/synthesize.ts <folder> < cluster-config.json
 */
import { text } from 'node:stream/consumers';
import { synthesize } from './app.ts';
import { parseConfig } from './config.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: node infra/synthesize.ts <folder> < cluster-config.json');
synthesize(parseConfig(JSON.parse(await text(process.stdin))), folder);
