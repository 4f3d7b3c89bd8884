import type { ServerResponse } from 'node:http';

export function writeJson(
  response: ServerResponse,
  code: number,
  body: object,
  contentType = 'application/json',
): void {
  response.writeHead(code, { 'content-type': contentType });
  response.end(JSON.stringify(body));
}
