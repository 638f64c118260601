/**
 * What a redemption would get now, without counting, for the app of a shopper. Nobody proves whose phone it is: without a token
 * the answer says no more than `resolve` does, but for a phone that is revoked; and an offer that is not at the touchpoint looks
 * like one that is nowhere.
 */
import { ID_BYTES, PHONE_ID_BYTES } from '@tapseal/shared/bounds';
import { hexToBytes } from '@tapseal/shared/bytes';
import { DryRunAnswer, DryRunBody } from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { Verdict } from '../decision/decide.js';
import { partyOf } from '../redeem/party-of.js';
import { tryOffer } from '../resolve/try-offer.js';
import { newShopper } from '../resolve/view-offers.js';
import type { BoxRecord } from '../store/records.js';
import type { App, RouteParts } from './app-types.js';
import { authorise } from './authorise.js';
import { bodyProblems, problems, tokenProblems } from './problem-responses.js';
import { PROGRAMME_PATH, ProgrammeParams, requireBytes, requireProgramme } from './programme-parameter.js';
import { unfitBox, unfitPhone } from './standing.js';

/** For the app itself: as much as the signed refusal or the voucher would say. */
function figuresOf(verdict: Verdict | undefined): Omit<DryRunAnswer, 'offer'> {
  if (verdict === undefined) return {};
  if (verdict.granted) return { awardedMinor: verdict.awardedMinor };
  return { used: verdict.used, maximum: verdict.maximum };
}

export function dryRunRoute(app: App, { context, limits }: RouteParts): void {
  const { store, authority, now } = context;

  /** Unknown ones stand for somebody new. @throws TapsealError phone_revoked, phone_certificate_invalid */
  const findPhone = async (programme: string, phoneId: string | undefined, nowMs: number) => {
    const id = phoneId === undefined ? undefined : hexToBytes(phoneId, PHONE_ID_BYTES);
    const phone = id && (await store.findPhone(programme, id));
    const unfit = phone && unfitPhone(authority, programme, phone, nowMs);
    if (unfit !== undefined) throw new TapsealError(unfit.code);
    return phone;
  };
  /** @throws TapsealError touchpoint_unknown, touchpoint_revoked, touchpoint_certificate_invalid */
  const findBox = async (programme: string, touchpoint: string, nowMs: number): Promise<BoxRecord> => {
    const box = await store.findBox(programme, requireBytes(hexToBytes(touchpoint, ID_BYTES), 'touchpoint'));
    const unfit = unfitBox(authority, programme, box, nowMs);
    if (box === undefined || unfit !== undefined) throw new TapsealError(unfit?.code ?? 'touchpoint_unknown');
    return box;
  };

  app.post(
    `${PROGRAMME_PATH}/dry-runs`,
    {
      onRequest: limits.resolve,
      schema: {
        tags: ['phone'],
        summary: 'What a redemption of an offer would get now; counts nothing',
        description:
          'With an API token of the role `app` also how full the limit is, and how much would be awarded.',
        params: ProgrammeParams,
        body: DryRunBody,
        response: {
          200: DryRunAnswer,
          ...problems(
            'programme_unknown',
            'rate_limited',
            'message_malformed',
            'phone_revoked',
            'phone_certificate_invalid',
            'touchpoint_unknown',
            'touchpoint_revoked',
            'touchpoint_certificate_invalid',
            'offer_not_here',
            ...bodyProblems,
            ...tokenProblems,
          ),
        },
      },
    },
    async (request) => {
      const { id } = await requireProgramme(store, request.params.programme);
      const isApp = request.headers.authorization !== undefined;
      if (isApp) await authorise(context, request, 'register-shoppers', id);
      const { offer, touchpoint, phoneId } = request.body;
      const nowMs = now();
      // The phone first, as in a redemption.
      const shopper = (await findPhone(id, phoneId, nowMs)) ?? newShopper;
      const box = await findBox(id, touchpoint, nowMs);
      const record = (await store.offersAt(id, box.name)).find((candidate) => candidate.offer.id === offer);
      if (record === undefined) throw new TapsealError('offer_not_here');
      const { view, verdict } = await tryOffer(context, id, record, partyOf(shopper, box), nowMs);
      return { offer: view, ...(isApp ? figuresOf(verdict) : {}) };
    },
  );
}
