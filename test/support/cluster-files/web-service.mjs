// The web service of test clusters: answers with its environment, and breaks, burns CPU, grows or crashes when it is told to.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { HOST, PORT, VERSION, CRASH } = process.env;
if (CRASH) {
  console.error(`cannot start: ${CRASH}`);
  process.exit(3);
}

let isHealthy = true;
let burning;
let grown;

/** Takes 30 % of a core. */
function burn() {
  burning = setInterval(() => {
    const end = Date.now() + 30;
    while (Date.now() < end);
  }, 100);
}

const server = createServer((request, response) => {
  response.setHeader('connection', 'close');
  if (request.url === '/break') isHealthy = false;
  if (request.url === '/burn') burn();
  if (request.url === '/grow') grown = Buffer.alloc(200 << 20, 1);
  if (request.url === '/rest') clearInterval(burning);
  if (request.url.startsWith('/file/')) {
    response.end(readFileSync(process.env[request.url.slice('/file/'.length)]));
  } else if (request.url === '/healthz' && !isHealthy) {
    response.writeHead(500).end();
  } else {
    response.end(
      JSON.stringify({ version: VERSION, pid: process.pid, grownBytes: grown?.length, environment: process.env }),
    );
  }
});
server.listen(Number(PORT), HOST, () => console.log(`listening, version ${VERSION}`));
process.on('SIGTERM', () => {
  console.log('SIGTERM received');
  server.close(() => process.exit(0));
});
