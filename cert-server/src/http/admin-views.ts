/** Records as the administration interface shows them. */
import { bytesToHex } from '@tapseal/shared/bytes';
import type { CertificateVerifier } from '../authority/verify-certificate.js';
import { describeOffer } from '../decision/describe-offer.js';
import { instantText } from '../store/instant-text.js';
import {
  EVERY_PROGRAMME,
  type OfferRecord,
  type PhoneRecord,
  type ProgrammeRecord,
  type RecordedDecision,
  type TokenRecord,
  type TouchpointRecord,
} from '../store/records.js';
import type {
  GrantView,
  OfferAdminView,
  PhoneView,
  ProgrammeView,
  TokenView,
  TouchpointView,
} from './admin-schemas.js';

/** `{ name: text }`, or nothing where there is no instant. */
function optionalInstant<Name extends string>(name: Name, ms: number | undefined): { [K in Name]?: string } {
  return ms === undefined ? {} : ({ [name]: instantText(ms) } as { [K in Name]?: string });
}

function optionalText<Name extends string>(name: Name, text: string | undefined): { [K in Name]?: string } {
  return text === undefined ? {} : ({ [name]: text } as { [K in Name]?: string });
}

export function viewProgramme({ createdAtMs, ...programme }: ProgrammeRecord): ProgrammeView {
  return { ...programme, createdAt: instantText(createdAtMs) };
}

export function viewTouchpoint(
  certificates: Pick<CertificateVerifier, 'expiresAtMs'>,
  touchpoint: TouchpointRecord,
): TouchpointView {
  const { name, title, place, box, receiptsHighest } = touchpoint;
  const view = { name, title, place, createdAt: instantText(touchpoint.createdAtMs) };
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

export function viewOffer({ offer, paused, granted, createdAtMs }: OfferRecord): OfferAdminView {
  const { id, version, title, touchpoints, action, amountMinor, currency, timeZone, rules } = offer;
  return {
    id,
    version,
    title,
    touchpoints: [...touchpoints],
    action,
    amountMinor,
    currency,
    timeZone,
    rules,
    paused,
    sentence: describeOffer(offer),
    granted,
    createdAt: instantText(createdAtMs),
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

export function viewDecision({ sequence, decision, receipt }: RecordedDecision): GrantView {
  const view = {
    sequence,
    transactionId: bytesToHex(decision.transactionId),
    at: instantText(decision.decidedAtMs),
    granted: decision.granted,
    offer: decision.offer,
    offerVersion: decision.offerVersion,
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
  if (receipt === undefined) return { ...view, action: decision.action };
  const { outcome, counter, receivedAtMs } = receipt;
  return {
    ...view,
    action: decision.action,
    receipt: { outcome, counter, receivedAt: instantText(receivedAtMs) },
  };
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
