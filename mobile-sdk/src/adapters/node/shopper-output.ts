/** What tapseal-shopper prints: JSON lines for programs, sentences for people. */
import type { ClientEvent, GrantedEvent, TouchpointView } from '../../core/events.js';

/** Lines that are not events of the SDK. */
export type ShopperLine =
  | { readonly type: 'registered'; readonly phoneId: string; readonly shopper: string }
  | { readonly type: 'stopped'; readonly atMs: number }
  | { readonly type: 'touchpoints'; readonly touchpoints: readonly TouchpointView[] }
  | { readonly type: 'carried'; readonly answer: string }
  | { readonly type: 'done'; readonly command: string }
  | { readonly type: 'error'; readonly command: string; readonly code: string; readonly message: string };

export type Print = (line: ClientEvent | ShopperLine) => void;

function nameOf(touchpoint: TouchpointView | undefined): string {
  return touchpoint?.title ?? touchpoint?.name ?? touchpoint?.deviceId ?? 'touchpoint';
}

function ms(value: number | undefined): string {
  return value === undefined ? '?' : `${Math.round(value)} ms`;
}

/** Nothing where all that was approved was awarded. */
function award({ amountMinor, awardedMinor }: GrantedEvent): string {
  return awardedMinor < amountMinor ? ` ${awardedMinor} of ${amountMinor} (minor units)` : '';
}

/** A line for people. */
export function sentence(line: ClientEvent | ShopperLine): string {
  switch (line.type) {
    case 'registered':
      return `registered as phone ${line.phoneId}`;
    case 'scanning':
      return 'looking for touchpoints';
    case 'stopped':
      return 'stopped';
    case 'touchpoints':
      return (
        line.touchpoints.map((view) => `${nameOf(view)} (${view.rssiDbm} dBm)`).join(', ') || 'none in sight'
      );
    case 'carried':
      return `the touchpoint answered: ${line.answer}`;
    case 'done':
      return `done: ${line.command}`;
    case 'error':
      return `${line.command}: ${line.message}`;
    case 'seen':
      return `seen: ${nameOf(line.touchpoint)} (${line.touchpoint.rssiDbm} dBm)`;
    case 'lost':
      return `gone: ${nameOf(line.touchpoint)}`;
    case 'resolved': {
      const offers = (line.touchpoint.offers ?? []).map((offer) => {
        if (offer.open) return offer.id;
        return `${offer.id} (closed${offer.resetsAt === undefined ? '' : ` until ${offer.resetsAt}`})`;
      });
      return `${nameOf(line.touchpoint)}, ${line.touchpoint.place ?? ''}: ${offers.join(', ') || 'no offers'}`;
    }
    case 'connecting':
      return `connecting to ${nameOf(line.touchpoint)}`;
    case 'ready':
      return `ready at ${nameOf(line.touchpoint)}: approve an offer`;
    case 'approving':
      return `approving ${line.offer}`;
    case 'granted':
      return `granted${award(line)} after ${ms(line.timings.redeemMs)}: transaction ${line.transactionId}`;
    case 'refused': {
      const { rule, used, maximum, resetsAt, advice } = line.refusal;
      const count = maximum > 0 ? ` (${used} of ${maximum})` : '';
      return `refused: ${rule}${count}${resetsAt === undefined ? '' : `, until ${resetsAt}`}. ${advice}`;
    }
    case 'delivered':
      return `delivered ${line.offer} after ${ms(line.timings.approvalToReceiptMs)}${line.confirmed ? '' : ', receipt outstanding'}`;
    case 'failed':
      return `failed while ${line.stage}: ${line.message} ${line.advice}`;
    case 'receipts':
      return `receipts: ${line.delivered} handed in, ${line.waiting} waiting`;
  }
}

export function printer(json: boolean): Print {
  return (line) => {
    process.stdout.write(`${json ? JSON.stringify(line) : sentence(line)}\n`);
  };
}
