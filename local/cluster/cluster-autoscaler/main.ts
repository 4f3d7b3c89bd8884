/** The program behind the image cluster-autoscaler in the twin: a process with the pod's own identities, in Kubernetes and in AWS. */
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { Autoscaler } from './autoscaler.ts';
import { parseFlags } from './flags.ts';
import { Kubernetes } from './kubernetes.ts';
import { NodeGroups } from './node-groups.ts';

const environment = z
  .object({
    KUBERNETES_SERVICE_HOST: z.string(),
    KUBERNETES_SERVICE_PORT: z.string(),
    /** The twin's own: where the service account is mounted, where to listen, and how fast time passes. */
    SERVICE_ACCOUNT_FOLDER: z.string(),
    LISTEN_ADDRESS: z.string(),
    TIME_SCALE: z.coerce.number(),
  })
  .parse(process.env);

/** Pods start and end in real time: the ten minutes of an unneeded node must not pass while a deployment is still on its way. */
const scale = Math.min(environment.TIME_SCALE, 30);
/** `--scan-interval`, but no more often than every second of real time. */
const scanMilliseconds = Math.max(10_000 / scale, 1000);
const healthPort = 8085;

const log = (message: string): void => console.log(message);
const settings = parseFlags(process.argv.slice(2));
const kubernetes = new Kubernetes({
  host: environment.KUBERNETES_SERVICE_HOST,
  port: environment.KUBERNETES_SERVICE_PORT,
  serviceAccountFolder: environment.SERVICE_ACCOUNT_FOLDER,
});
const groups = new NodeGroups();
// As the real program does: one that may not see its groups ends at once.
await groups.discover(settings.groupTags);

const now = () => (performance.now() / 1000) * scale;
const autoscaler = new Autoscaler({ kubernetes, groups, settings, now, log });
createServer((request, response) => {
  response.statusCode = request.url === '/health-check' ? 200 : 404;
  response.end(response.statusCode === 200 ? 'OK' : 'not found');
}).listen(healthPort, environment.LISTEN_ADDRESS);

process.on('SIGTERM', () => process.exit(0));
for (;;) {
  await autoscaler.runOnce().catch((error: Error) => log(`Failed to autoscale: ${error.message}`));
  await wait(scanMilliseconds);
}
