/** The versions of an offer, with the text whose hash every voucher carries. */
import { Name } from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { Type } from '@tapseal/shared/type-builder';
import { OFFER_VERSIONS_PAGE_MAX } from './admin-bounds.js';
import type { App, RouteParts } from './app-types.js';
import { requireRight } from './authorise.js';
import { OfferVersionDetail, OfferVersionPage, OfferVersionQuery } from './offer-schemas.js';
import { viewOfferVersion, viewOfferVersionDetail } from './offer-views.js';
import { readCount, readDigits } from './page-query.js';
import { problems, tokenProblems } from './problem-responses.js';
import { PROGRAMME_PATH, ProgrammeParams } from './programme-parameter.js';

const path = `${PROGRAMME_PATH}/offers/:id/versions`;
const tags = ['offers'];
const security = [{ token: [] }];
const Params = Type.Object({ ...ProgrammeParams.properties, id: Name });
const VersionParams = Type.Object({
  ...Params.properties,
  version: Type.String({ pattern: '^[1-9][0-9]{0,14}$' }),
});

export function offerVersionRoutes(app: App, { context }: RouteParts): void {
  const { store } = context;

  app.get(
    path,
    {
      onRequest: requireRight(context, 'read'),
      schema: {
        tags,
        security,
        summary: 'The versions of an offer, the newest first, page by page',
        params: Params,
        querystring: OfferVersionQuery,
        response: { 200: OfferVersionPage, ...problems('body_invalid', 'offer_unknown', ...tokenProblems) },
      },
    },
    async (request) => {
      const { programme, id } = request.params;
      const before = readDigits(
        'before',
        request.query.before,
        Number.MAX_SAFE_INTEGER,
        Number.MAX_SAFE_INTEGER,
      );
      const countMax = readCount(request.query.limit, OFFER_VERSIONS_PAGE_MAX);
      const versions = await store.listOfferVersions(programme, id, { before, countMax });
      const last = versions.at(-1)?.offer.version;
      // Every offer has a first version: a page before it is empty, one without a bound never is.
      if (last === undefined && (await store.findOffer(programme, id)) === undefined) {
        throw new TapsealError('offer_unknown', id);
      }
      return {
        versions: versions.map(viewOfferVersion),
        ...(last === undefined || last === 1 ? {} : { next: last }),
      };
    },
  );

  app.get(
    `${path}/:version`,
    {
      onRequest: requireRight(context, 'read'),
      schema: {
        tags,
        security,
        summary: 'One version of an offer, with the text whose SHA-256 is its hash',
        params: VersionParams,
        response: { 200: OfferVersionDetail, ...problems('body_invalid', 'offer_unknown', ...tokenProblems) },
      },
    },
    async (request) => {
      const { programme, id } = request.params;
      const version = Number(request.params.version);
      const [found] = await store.listOfferVersions(programme, id, { before: version + 1, countMax: 1 });
      if (found === undefined || found.offer.version !== version) {
        throw new TapsealError('offer_unknown', `${id}, version ${version}`);
      }
      return viewOfferVersionDetail(found);
    },
  );
}
