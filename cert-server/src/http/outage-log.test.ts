import { TapsealError } from '@tapseal/shared/tapseal-error';
import { expect, test } from 'vitest';
import { createLogger } from '../server/create-logger.js';
import { createOutageLog } from './outage-log.js';

test('the cause of an outage is said once in ten seconds, and nothing of what is no outage', () => {
  const lines: string[] = [];
  let nowMs = 0;
  const note = createOutageLog(createLogger('info', { write: (line) => lines.push(line) }), () => nowMs);
  const outage = new TapsealError('server_busy', 'database', { cause: new Error('no space left') });
  note(new TapsealError('server_busy'));
  note(new TapsealError('limit_reached'));
  note(new Error('a fault of ours'));
  expect(lines).toEqual([]);
  note(outage);
  nowMs = 9_999;
  note(outage);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 50, err: { message: 'no space left' } });
  nowMs = 10_000;
  note(outage);
  expect(lines).toHaveLength(2);
});
