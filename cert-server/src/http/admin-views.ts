/** Records as the administration interface shows them. */
import { bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import type { CertificateVerifier } from '../authority/verify-certificate.js';
import { instantText } from '../store/instant-text.js';
import {
  EVERY_PROGRAMME,
  type Grant,
  type PhoneRecord,
  type ProgrammeRecord,
  type RecordedDecision,
  type ShopperRecord,
  type TokenRecord,
  type TouchpointRecord,
} from '../store/records.js';
import type {
  GrantView,
  HoldView,
  PhoneView,
  ProgrammeView,
  ShopperView,
  TokenView,
  TouchpointView,
} from './admin-schemas.js';
import { optionalInstant, optionalText } from './optional-fields.js';

export function viewProgramme({ createdAtMs, ...programme }: ProgrammeRecord): ProgrammeView {
  return { ...programme, createdAt: instantText(createdAtMs) };
}

export function viewTouchpoint(
  certificates: Pick<CertificateVerifier, 'expiresAtMs'>,
  touchpoint: TouchpointRecord,
): TouchpointView {
  const { name, title, place, labels, timeZone, box, receiptsHighest } = touchpoint;
  const view = {
    name,
    title,
    place,
    labels,
    ...optionalText('timeZone', timeZone),
    createdAt: instantText(touchpoint.createdAtMs),
  };
  if (box === undefined) return { ...view, state: 'waiting' };
  return {
    ...view,
    state: box.revokedAtMs === undefined ? 'enrolled' : 'revoked',
    id: bytesToHex(box.id),
    enrolledAt: instantText(box.enrolledAtMs),
    // Until its first hello, the anchor is the enrolment itself.
    ...(box.bootCounter === 0 ? {} : { seenAt: instantText(box.anchor.seenAtMs) }),
    bootCounter: box.bootCounter,
    manifestVersion: box.manifestVersion,
    receiptsThrough: box.receiptsThrough,
    receiptsHighest,
    forked: box.forked,
    ...optionalInstant('revokedAt', box.revokedAtMs),
    ...optionalText('revokedReason', box.revokedReason),
    ...optionalInstant('certificateExpiresAt', certificates.expiresAtMs(box.certificate)),
  };
}

export function viewPhone(phone: PhoneRecord): PhoneView {
  return {
    id: bytesToHex(phone.id),
    shopper: phone.shopper,
    algorithm: phone.algorithm,
    state: phone.revokedAtMs === undefined ? 'registered' : 'revoked',
    registeredAt: instantText(phone.registeredAtMs),
    ...optionalInstant('revokedAt', phone.revokedAtMs),
    ...optionalText('revokedReason', phone.revokedReason),
  };
}

export function viewShopper({ id, labels, createdAtMs }: ShopperRecord): ShopperView {
  return { id, labels, createdAt: instantText(createdAtMs) };
}

function viewHold(grant: Grant, state: RecordedDecision['hold'], nowMs: number): { hold?: HoldView } {
  const { holdEndsAtMs } = grant;
  if (state === undefined || holdEndsAtMs === undefined) return {};
  // Free from that instant on for every decision; on record it is so after the next sweep.
  const isOver = state === 'held' && holdEndsAtMs <= nowMs;
  return { hold: { state: isOver ? 'released' : state, endsAt: instantText(holdEndsAtMs) } };
}

export function viewDecision(
  { sequence, decision, receipt, hold }: RecordedDecision,
  nowMs: number,
): GrantView {
  const { offerHash } = decision;
  const view = {
    sequence,
    transactionId: bytesToHex(decision.transactionId),
    at: instantText(decision.decidedAtMs),
    granted: decision.granted,
    offer: decision.offer,
    offerVersion: decision.offerVersion,
    ...optionalText('offerHash', offerHash && bytesToBase64url(offerHash)),
    touchpoint: decision.touchpoint,
    touchpointId: bytesToHex(decision.boxId),
    phoneId: bytesToHex(decision.phoneId),
    shopper: decision.shopper,
    amountMinor: decision.amountMinor,
  };
  if (!decision.granted) {
    const { code, rule, used, maximum, resetsAtMs } = decision;
    return { ...view, code, rule, used, maximum, ...optionalInstant('resetsAt', resetsAtMs) };
  }
  const { action, awardedMinor } = decision;
  const grant = { ...view, action, awardedMinor, ...viewHold(decision, hold, nowMs) };
  if (receipt === undefined) return grant;
  const { outcome, counter, receivedAtMs } = receipt;
  return { ...grant, receipt: { outcome, counter, receivedAt: instantText(receivedAtMs) } };
}

export function viewToken(token: TokenRecord): TokenView {
  const { id, role, label } = token;
  return {
    id,
    role,
    label,
    everyProgramme: token.programme === EVERY_PROGRAMME,
    createdAt: instantText(token.createdAtMs),
    ...optionalInstant('expiresAt', token.expiresAtMs),
    ...optionalInstant('revokedAt', token.revokedAtMs),
  };
}
