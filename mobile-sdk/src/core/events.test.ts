import { describe, expect, it } from 'vitest';
import { type ClientEvent, EventStream } from './events.js';
import { EVENTS_QUEUED_MAX } from './limits.js';

function scanning(atMs: number): ClientEvent {
  return { type: 'scanning', atMs };
}

describe('EventStream', () => {
  it('gives an iterator every event in order, those before it asked and those after', async () => {
    const stream = new EventStream(() => {});
    const iterator = stream.iterate();
    stream.emit(scanning(1));
    stream.emit(scanning(2));
    expect((await iterator.next()).value).toEqual(scanning(1));
    expect((await iterator.next()).value).toEqual(scanning(2));
    const next = iterator.next();
    stream.emit(scanning(3));
    expect((await next).value).toEqual(scanning(3));
  });

  it('ends a reader that waits when its loop is left', async () => {
    const stream = new EventStream(() => {});
    const iterator = stream.iterate();
    const waiting = iterator.next();
    await iterator.return?.();
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
  });

  it('bounds what waits for a slow reader, and keeps the newest', async () => {
    const stream = new EventStream(() => {});
    const iterator = stream.iterate();
    for (let atMs = 0; atMs <= EVENTS_QUEUED_MAX; atMs++) stream.emit(scanning(atMs));
    expect((await iterator.next()).value).toEqual(scanning(1));
  });

  it('goes on to the other listeners after one that throws', () => {
    const faults: unknown[] = [];
    const stream = new EventStream((fault) => faults.push(fault));
    const heard: number[] = [];
    stream.subscribe(() => {
      throw new Error('screen');
    });
    const leave = stream.subscribe((event) => heard.push(event.atMs));
    stream.emit(scanning(1));
    leave();
    stream.emit(scanning(2));
    expect(heard).toEqual([1]);
    expect(faults).toHaveLength(2);
  });
});
