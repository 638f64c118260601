/** A peripheral on unmodified bleno: prints `advertising` when it can be found, then `mtu N` and `disconnected` as they happen. */
import bleno from '@abandonware/bleno';

import {
  answerTo,
  answerUuid,
  longValue,
  longValueUuid,
  questionUuid,
  serviceUuid,
} from './smoke-service.js';

const { Characteristic, PrimaryService } = bleno;

let notify: ((data: Buffer) => void) | undefined;

const question = new Characteristic({
  uuid: questionUuid,
  properties: ['write'],
  onWriteRequest(data, _offset, _withoutResponse, callback) {
    callback(Characteristic.RESULT_SUCCESS);
    notify?.(answerTo(data));
  },
});

const answer = new Characteristic({
  uuid: answerUuid,
  properties: ['notify'],
  onSubscribe(_maxValueSize, updateValue) {
    notify = updateValue;
  },
  onUnsubscribe() {
    notify = undefined;
  },
});

const long = new Characteristic({
  uuid: longValueUuid,
  properties: ['read'],
  onReadRequest(offset, callback) {
    callback(Characteristic.RESULT_SUCCESS, longValue.subarray(offset));
  },
});

bleno.on('mtuChange', (mtu) => console.log(`mtu ${mtu}`));
bleno.on('disconnect', () => console.log('disconnected'));
bleno.on('stateChange', (state) => {
  if (state !== 'poweredOn') throw new Error(`adapter is ${state}`);
  bleno.startAdvertising('tapseal-smoke', [serviceUuid], (startError) => {
    if (startError) throw startError;
    bleno.setServices(
      [new PrimaryService({ uuid: serviceUuid, characteristics: [question, answer, long] })],
      (error) => {
        if (error) throw error;
        console.log('advertising');
      },
    );
  });
});
