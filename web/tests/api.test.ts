import { afterEach, beforeEach, expect, test } from 'vitest';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { api, Away, Refusal } from '../src/lib/api';
import { safePath } from '../src/lib/gate';

let server: Server;
let reply: { status: number; body: string };
let seen: { method: string | undefined; url: string | undefined; headers: IncomingMessage['headers']; body: string }[];
const plainFetch = globalThis.fetch;

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  globalThis.fetch = (path, init) => plainFetch(`${base}${String(path)}`, init);
});

afterEach(async () => {
  globalThis.fetch = plainFetch;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('every call carries the header that a form of another site cannot send, and ids are escaped', async () => {
  reply = { status: 200, body: '{"assignments":[],"waiting":null}' };
  await api.lease('a/b c', 5);
  expect(seen[0]).toMatchObject({ method: 'POST', url: '/api/projects/a%2Fb%20c/assignments', body: '{"count":5}' });
  expect(seen[0]!.headers['x-goldseam']).toBe('1');
});

test("the server's refusal is raised with its type, sentence and fields", async () => {
  reply = { status: 409, body: '{"error":{"type":"LeaseLost","message":"Not held.","fields":{"item":"x"}}}' };
  const problem = await api.me().catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(Refusal);
  expect(problem).toMatchObject({ status: 409, type: 'LeaseLost', message: 'Not held.', fields: { item: 'x' }, passing: false });
});

test('the error page of a gateway means that the server is away; an error of the server itself passes', async () => {
  reply = { status: 502, body: '<html>Bad gateway</html>' };
  expect(await api.me().catch((error: unknown) => error)).toBeInstanceOf(Away);
  reply = { status: 500, body: 'Internal error' };
  expect(await api.me().catch((error: unknown) => error)).toMatchObject({ status: 500, passing: true });
});

test('a server that is not there is away', async () => {
  globalThis.fetch = () => plainFetch('http://127.0.0.1:9/');
  expect(await api.me().catch((error: unknown) => error)).toBeInstanceOf(Away);
});

test('after sign-in only a path on this server is followed', () => {
  expect(safePath('/p/films/annotate')).toBe('/p/films/annotate');
  for (const bad of [null, '', 'p', '//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)']) {
    expect(safePath(bad)).toBe('/');
  }
});
