import { expect, test } from 'vitest';
import { DecisionFeed, WAITERS_OF_PROGRAMME_MAX } from './decision-feed.js';

const HOUR_MS = 3_600_000;
const fill = (feed: DecisionFeed, programme: string) =>
  Array.from({ length: WAITERS_OF_PROGRAMME_MAX }, () => feed.wait(programme, HOUR_MS));

test('one programme cannot take the places of another: its waiters are bounded', async () => {
  const feed = new DecisionFeed();
  const waits = fill(feed, 'venue');
  expect(() => feed.wait('venue', HOUR_MS)).toThrow(expect.objectContaining({ code: 'server_busy' }));
  const other = feed.wait('other', HOUR_MS);
  feed.decided('venue');
  await Promise.all(waits.map(({ woken }) => woken));
  // All have left: there is room for as many again.
  fill(feed, 'venue');
  feed.close();
  await other.woken;
});

test('who does not wait any more leaves its place at once', async () => {
  const feed = new DecisionFeed();
  const [first] = fill(feed, 'venue');
  first?.cancel();
  await first?.woken;
  feed.wait('venue', HOUR_MS);
  expect(() => feed.wait('venue', HOUR_MS)).toThrow(expect.objectContaining({ code: 'server_busy' }));
  feed.close();
  await feed.wait('venue', HOUR_MS).woken;
});
