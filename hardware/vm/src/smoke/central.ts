/** A central on unmodified noble: walks through a whole conversation, prints each stage with its time, exits 0 only if all was right. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';

import noble from '@abandonware/noble';

import {
  answerTo,
  answerUuid,
  longValue,
  longValueUuid,
  questionUuid,
  serviceUuid,
} from './smoke-service.js';

const roundTrips = 20;
let lastMs = performance.now();

function report(stage: string): void {
  const nowMs = performance.now();
  console.log(`central: ${stage} (${(nowMs - lastMs).toFixed(1)} ms)`);
  lastMs = nowMs;
}

function findPeripheral(): Promise<noble.Peripheral> {
  return new Promise((resolve) => {
    noble.on('discover', (peripheral: noble.Peripheral) => {
      if (peripheral.advertisement.serviceUuids.includes(serviceUuid)) resolve(peripheral);
    });
  });
}

async function converse(): Promise<void> {
  const [state] = await once(noble as unknown as NodeJS.EventEmitter, 'stateChange');
  if (state !== 'poweredOn') throw new Error(`adapter is ${state}`);
  report('powered on');
  const found = findPeripheral();
  await noble.startScanningAsync([serviceUuid], false);
  const peripheral = await found;
  await noble.stopScanningAsync();
  report('found');
  await peripheral.connectAsync();
  report('connected');
  const { characteristics } = await peripheral.discoverSomeServicesAndCharacteristicsAsync(
    [serviceUuid],
    [questionUuid, answerUuid, longValueUuid],
  );
  const question = characteristics.find(({ uuid }) => uuid === questionUuid);
  const answer = characteristics.find(({ uuid }) => uuid === answerUuid);
  const long = characteristics.find(({ uuid }) => uuid === longValueUuid);
  if (question === undefined || answer === undefined || long === undefined)
    throw new Error('a characteristic is missing');
  report(`discovered, mtu ${peripheral.mtu}`);
  await answer.subscribeAsync();
  report('subscribed');
  for (let round = 0; round < roundTrips; round += 1) {
    const sent = randomBytes(180);
    const notified = once(answer, 'data');
    await question.writeAsync(sent, false);
    const [received, isNotification]: unknown[] = await notified;
    if (!(received instanceof Uint8Array) || isNotification !== true || !answerTo(sent).equals(received)) {
      throw new Error(`round ${round}: the notification does not answer the write`);
    }
  }
  report(`${roundTrips} writes of 180 bytes, each answered by a notification`);
  if (!(await long.readAsync()).equals(longValue)) throw new Error('the long value was read wrongly');
  report(`read ${longValue.length} bytes`);
  const gone = once(peripheral, 'disconnect');
  await peripheral.disconnectAsync();
  await gone;
  report('disconnected');
}

converse().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error('central:', error);
    process.exit(1);
  },
);
