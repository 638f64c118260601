/**
 * What a redemption would get now, without counting, for the app of a shopper. Nobody proves whose phone it is: without a token
 * the answer says no more than `resolve` does, and an offer that is not at the touchpoint looks like one that is nowhere.
 */
import { ID_BYTES, PHONE_ID_BYTES } from '@tapseal/shared/bounds';
import { hexToBytes } from '@tapseal/shared/bytes';
import { DryRunAnswer, DryRunBody } from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { Verdict } from '../decision/decide.js';
import { partyOf } from '../redeem/party-of.js';
import { tryOffer } from '../resolve/try-offer.js';
import { newShopper } from '../resolve/view-offers.js';
import type { App, RouteParts } from './app-types.js';
import { authorise } from './authorise.js';
import { bodyProblems, problems, tokenProblems } from './problem-responses.js';
import { PROGRAMME_PATH, ProgrammeParams, requireBytes, requireProgramme } from './programme-parameter.js';

/** For the app itself: as much as the signed refusal or the voucher would say. */
function figuresOf(verdict: Verdict | undefined): Omit<DryRunAnswer, 'offer'> {
  if (verdict === undefined) return {};
  if (verdict.granted) return { awardedMinor: verdict.awardedMinor };
  return { used: verdict.used, maximum: verdict.maximum };
}

export function dryRunRoute(app: App, { context, limits }: RouteParts): void {
  const { store, now } = context;

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
            'touchpoint_unknown',
            'touchpoint_revoked',
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
      const box = await store.findBox(id, requireBytes(hexToBytes(touchpoint, ID_BYTES), 'touchpoint'));
      if (box === undefined) throw new TapsealError('touchpoint_unknown');
      if (box.revokedAtMs !== undefined) throw new TapsealError('touchpoint_revoked');
      const record = (await store.offersAt(id, box.name)).find((candidate) => candidate.offer.id === offer);
      if (record === undefined) throw new TapsealError('offer_not_here');
      const phone = phoneId === undefined ? undefined : hexToBytes(phoneId, PHONE_ID_BYTES);
      const shopper = (phone && (await store.findPhone(id, phone))) ?? newShopper;
      const { view, verdict } = await tryOffer(context, id, record, partyOf(shopper, box), now());
      return { offer: view, ...(isApp ? figuresOf(verdict) : {}) };
    },
  );
}
