/** Administration of offers: made, changed, paused, shown. */
import { Name } from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { Type } from '@tapseal/shared/type-builder';
import { NO_LABELS } from '../decision/labels.js';
import { makeOfferVersion } from '../decision/make-offer.js';
import type { OfferVersion } from '../decision/offer.js';
import { hashedOffer } from '../decision/offer-hash.js';
import type { ProgrammeRecord } from '../store/records.js';
import type { App, RouteParts } from './app-types.js';
import { auditEntry, requireRight } from './authorise.js';
import { OfferAdminView, OfferBody, OfferChangeBody, OfferDetailView, OfferList } from './offer-schemas.js';
import { viewLimits, viewOffers } from './offer-views.js';
import { bodyProblems, problems, tokenProblems } from './problem-responses.js';
import { PROGRAMME_PATH, ProgrammeParams, requireProgramme } from './programme-parameter.js';

const path = `${PROGRAMME_PATH}/offers`;
const tags = ['offers'];
const security = [{ token: [] }];
const Params = Type.Object({ ...ProgrammeParams.properties, id: Name });

function readVersion(
  programme: ProgrammeRecord,
  id: string,
  version: number,
  body: Omit<OfferBody, 'id'>,
): OfferVersion {
  const { title = id, touchpoints, action, amountMinor = 0, keys = NO_LABELS, rules } = body;
  const { timeZone = programme.timeZone } = body;
  const { currency } = programme;
  return makeOfferVersion({
    id,
    version,
    title,
    touchpoints,
    action,
    amountMinor,
    currency,
    timeZone,
    keys,
    rules,
  });
}

export function offerRoutes(app: App, { context }: RouteParts): void {
  const { store, crypto, now } = context;

  const find = async (programme: string, id: string) => {
    const record = await store.findOffer(programme, id);
    if (record === undefined) throw new TapsealError('offer_unknown', id);
    return record;
  };
  const view = async (programme: string, id: string): Promise<OfferAdminView> => {
    const [offer] = await viewOffers(store, programme, [await find(programme, id)], now());
    if (offer === undefined) throw new TapsealError('offer_unknown', id);
    return offer;
  };

  app.post(
    path,
    {
      onRequest: requireRight(context, 'operate'),
      schema: {
        tags,
        security,
        summary: 'Makes an offer, open at once at its touchpoints',
        params: ProgrammeParams,
        body: OfferBody,
        response: {
          201: OfferAdminView,
          ...problems(
            'programme_unknown',
            'name_taken',
            'touchpoint_unknown',
            ...bodyProblems,
            ...tokenProblems,
          ),
        },
      },
    },
    async (request, reply) => {
      const programme = await requireProgramme(store, request.params.programme);
      const { id, ...body } = request.body;
      const offer = hashedOffer(crypto, readVersion(programme, id, 1, body));
      const outcome = await store.addOffer(programme.id, offer, auditEntry(request, now(), 'offer.add', id));
      if (outcome === 'taken') throw new TapsealError('name_taken', id);
      if (outcome !== 'added') throw new TapsealError('touchpoint_unknown', outcome.unknownTouchpoint);
      reply.code(201);
      return view(programme.id, id);
    },
  );

  app.put(
    `${path}/:id`,
    {
      onRequest: requireRight(context, 'operate'),
      schema: {
        tags,
        security,
        summary: 'Changes an offer: its whole next version, in force from the next request on',
        description: 'What is counted stays counted: a maximum below it stops grants, and takes none back.',
        params: Params,
        body: OfferChangeBody,
        response: {
          200: OfferAdminView,
          ...problems(
            'programme_unknown',
            'offer_unknown',
            'touchpoint_unknown',
            'version_conflict',
            ...bodyProblems,
            ...tokenProblems,
          ),
        },
      },
    },
    async (request) => {
      const programme = await requireProgramme(store, request.params.programme);
      const { id } = request.params;
      const { version, ...body } = request.body;
      const offer = hashedOffer(crypto, readVersion(programme, id, version, body));
      const audit = auditEntry(request, now(), 'offer.change', id);
      const outcome = await store.addOfferVersion(programme.id, offer, audit);
      if (outcome === 'unknown') throw new TapsealError('offer_unknown', id);
      if (outcome === 'conflict') {
        throw new TapsealError('version_conflict', `version ${version} does not follow the newest`);
      }
      if (outcome !== 'added') throw new TapsealError('touchpoint_unknown', outcome.unknownTouchpoint);
      return view(programme.id, id);
    },
  );

  app.get(
    path,
    {
      onRequest: requireRight(context, 'read'),
      schema: {
        tags,
        security,
        summary: 'All offers of the programme',
        params: ProgrammeParams,
        response: { 200: OfferList, ...problems('body_invalid', 'programme_unknown', ...tokenProblems) },
      },
    },
    async (request) => {
      const { id } = await requireProgramme(store, request.params.programme);
      return { offers: await viewOffers(store, id, await store.listOffers(id), now()) };
    },
  );

  app.get(
    `${path}/:id`,
    {
      onRequest: requireRight(context, 'read'),
      schema: {
        tags,
        security,
        summary:
          'One offer, in words, with what is granted so far and how full the limits are that all share',
        params: Params,
        response: { 200: OfferDetailView, ...problems('body_invalid', 'offer_unknown', ...tokenProblems) },
      },
    },
    async (request) => {
      const { programme, id } = request.params;
      const nowMs = now();
      const record = await find(programme, id);
      const limits = await viewLimits(store, programme, record.offer, nowMs);
      const [offer] = await viewOffers(store, programme, [record], nowMs);
      if (offer === undefined) throw new TapsealError('offer_unknown', id);
      return { ...offer, ...limits };
    },
  );

  for (const [act, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const) {
    app.post(
      `${path}/:id/${act}`,
      {
        onRequest: requireRight(context, 'operate'),
        schema: {
          tags,
          security,
          summary: paused ? 'Pauses an offer from the next request on' : 'Opens a paused offer again',
          params: Params,
          response: {
            200: OfferAdminView,
            ...problems('offer_unknown', ...bodyProblems, ...tokenProblems),
          },
        },
      },
      async (request) => {
        const { programme, id } = request.params;
        const audit = auditEntry(request, now(), `offer.${act}`, id);
        if (!(await store.setOfferPaused(programme, id, paused, audit))) {
          throw new TapsealError('offer_unknown', id);
        }
        return view(programme, id);
      },
    );
  }
}
