// What happens on the air, a line each, for people.

import type { AirEvent } from './air-event.js';

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

function what(event: AirEvent): string {
  switch (event.kind) {
    case 'joined':
    case 'left':
      return `${event.address} ${event.kind} (${event.name})`;
    case 'pdu':
      return `${event.from} > ${event.to ?? '*'} ${event.pdu}${event.heard ? '' : ' lost'} ${event.bytes.toString('hex')}`;
    case 'connected':
      return `${event.central} connected to ${event.peripheral}, interval ${event.intervalMs} ms`;
    case 'disconnected':
      return `${event.address} disconnected from ${event.peer}, reason ${hex(event.reason, 2)}`;
    case 'command-refused':
      return `${event.address} command ${hex(event.opcode, 4)} refused, status ${hex(event.status, 2)} (refusal ${event.count})`;
    case 'data-dropped':
      return `${event.address} data for handle ${hex(event.handle, 4)} dropped: ${event.why}`;
  }
}

export function airEventLine(event: AirEvent): string {
  return `${event.timeMs.toFixed(3).padStart(12)} ms  ${what(event)}`;
}
