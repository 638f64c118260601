import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { limitPipeline } from './pipeline-limit.js';

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

let server: Server;
let socket: Socket;
let answered: string;
const waiting: ServerResponse[] = [];
let isHolding = false;

beforeEach(async () => {
  answered = '';
  waiting.length = 0;
  isHolding = false;
  const handle = limitPipeline((_request, response) => {
    if (isHolding) waiting.push(response);
    else response.end('yes');
  });
  server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.setEncoding('utf8').on('data', (text) => {
    answered += text;
  });
  socket.on('error', () => undefined);
});

afterEach(() => {
  socket.destroy();
  server.close();
});

const answers = (): number => answered.split('yes').length - 1;

test('as many as there are places are answered, one after the other any number', async () => {
  isHolding = true;
  socket.write(REQUEST.repeat(16));
  while (waiting.length < 16) await new Promise((resolve) => setImmediate(resolve));
  for (const response of waiting) response.end('yes');
  while (answers() < 16) await once(socket, 'data');
  isHolding = false;
  for (let more = 1; more <= 40; more++) {
    socket.write(REQUEST);
    while (answers() < 16 + more) await once(socket, 'data');
  }
});

test('one more at once ends the connection, and nothing of the rest is begun', async () => {
  isHolding = true;
  socket.write(REQUEST.repeat(2_000));
  // Its end may come as a reset, which is no event to fail by.
  await new Promise((resolve) => socket.once('close', resolve));
  expect(waiting).toHaveLength(16);
});
