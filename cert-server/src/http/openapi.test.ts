import Fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.js';
import { openApiRoutes } from './openapi.js';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const STYLE = '/docs/static/swagger-ui.css';

test('several readers at once get one document, and it does not describe itself', async () => {
  const answers = await Promise.all([1, 2, 3].map(() => server.app.inject('/docs/json')));
  expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
  const { paths }: { paths: object } = JSON.parse(answers[0]?.body ?? '');
  expect(Object.keys(paths).filter((path) => path.startsWith('/docs'))).toEqual([]);
});

test('it is made once for all readers, and anew for the next one where that failed', async () => {
  let made = 0;
  const app = Fastify();
  openApiRoutes(app, () => {
    made += 1;
    if (made === 1) throw new Error('no memory left');
  });
  const statusOf = async () => (await app.inject('/docs/json')).statusCode;
  expect(await Promise.all([statusOf(), statusOf()])).toEqual([500, 500]);
  expect(made).toBe(1);
  expect(await Promise.all([statusOf(), statusOf()])).toEqual([200, 200]);
  expect(await statusOf()).toBe(200);
  expect(made).toBe(2);
  await app.close();
});

test('more readers at once than there are places are sent away, and later ones are not', async () => {
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async () => (await server.app.inject(STYLE)).statusCode),
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(16);
  expect(statuses.filter((status) => status === 503)).toHaveLength(4);
  expect((await server.app.inject(STYLE)).statusCode).toBe(200);
});

test('files of the page keep their headers: type, policy, validators, length without a body', async () => {
  const { headers, body, statusCode } = await server.app.inject(STYLE);
  expect(statusCode).toBe(200);
  expect(headers['content-type']).toContain('text/css');
  expect(headers['content-security-policy']).toContain("default-src 'self'");
  const length = String(Buffer.byteLength(body));
  expect(headers['content-length']).toBe(length);

  const head = await server.app.inject({ method: 'HEAD', url: STYLE });
  expect(head).toMatchObject({ statusCode: 200, body: '', headers: { 'content-length': length } });

  const known = { 'if-none-match': String(headers.etag) };
  for (const method of ['GET', 'HEAD'] as const) {
    const unchanged = await server.app.inject({ method, url: STYLE, headers: known });
    expect(unchanged).toMatchObject({ statusCode: 304, body: '', headers: { etag: headers.etag } });
  }
  const part = await server.app.inject({ url: STYLE, headers: { range: 'bytes=0-9' } });
  expect(part).toMatchObject({ statusCode: 206, body: body.slice(0, 10) });
});

test('what is not there is a problem like any other, with the request in the log', async () => {
  for (const url of ['/docs/nothing', '/docs/static/nothing.js', '/docs/static/%2e%2e/%2e%2e/package.json']) {
    const answer = await server.app.inject(url);
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const problem: { code: string; instance: string } = answer.json();
    expect(problem.code).toBe('route_unknown');
    const line = server.logLines.find((entry) => entry.includes(problem.instance));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ status: 404, code: 'route_unknown' });
  }
  const posted = await server.app.inject({ method: 'POST', url: '/docs/json', payload: {} });
  expect(posted.json()).toMatchObject({ status: 404, code: 'route_unknown' });
});
