import { expect, test } from 'vitest';
import { createLogger } from './create-logger.js';
import { gatherLines } from './gathered-lines.js';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function gathering() {
  const written: string[] = [];
  const lines = gatherLines({ write: (text) => written.push(text) });
  return { written, lines, logger: createLogger('info', lines) };
}

const messagesOf = (text: string | undefined): unknown[] =>
  (text ?? '')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { msg: unknown }).msg);

test('what is said in one turn is written once, in its order, after the turn', async () => {
  const { written, logger } = gathering();
  logger.info('one');
  logger.child({ of: 'child' }).info('two');
  expect(written).toEqual([]);
  await nextTurn();
  expect(written.map(messagesOf)).toEqual([['one', 'two']]);
  logger.info('three');
  await nextTurn();
  expect(written.slice(1).map(messagesOf)).toEqual([['three']]);
});

test('a warning is written at once, with what came before it, and not again', async () => {
  const { written, logger } = gathering();
  logger.info('before');
  logger.warn('warned');
  expect(written.map(messagesOf)).toEqual([['before', 'warned']]);
  logger.error('failed');
  expect(written.slice(1).map(messagesOf)).toEqual([['failed']]);
  await nextTurn();
  expect(written).toHaveLength(2);
});

test('what waits at the end is written by a flush', () => {
  const { written, lines, logger } = gathering();
  logger.info('last');
  lines.flush();
  lines.flush();
  expect(written.map(messagesOf)).toEqual([['last']]);
});
