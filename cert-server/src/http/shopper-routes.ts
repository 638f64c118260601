/** Labels of shoppers: the app knows its tiers, so that its token may set them too. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { Type } from '@tapseal/shared/type-builder';
import type { ShopperRecord } from '../store/records.js';
import { LabelChanges, ShopperView } from './admin-schemas.js';
import { viewShopper } from './admin-views.js';
import type { App, RouteParts } from './app-types.js';
import { auditEntry, requireRight } from './authorise.js';
import { ShopperId } from './field-schemas.js';
import { bodyProblems, problems, tokenProblems } from './problem-responses.js';
import { PROGRAMME_PATH, ProgrammeParams } from './programme-parameter.js';

const path = `${PROGRAMME_PATH}/shoppers/:id`;
const tags = ['shoppers'];
const security = [{ token: [] }];
const Params = Type.Object({ ...ProgrammeParams.properties, id: ShopperId });

export function shopperRoutes(app: App, { context }: RouteParts): void {
  const { store, now } = context;

  const find = async (programme: string, id: string): Promise<ShopperRecord> => {
    const shopper = await store.findShopper(programme, id);
    if (shopper === undefined) throw new TapsealError('shopper_unknown');
    return shopper;
  };

  app.get(
    path,
    {
      onRequest: requireRight(context, 'read'),
      schema: {
        tags,
        security,
        summary: 'One shopper, with the labels that limits count by',
        params: Params,
        response: { 200: ShopperView, ...problems('body_invalid', 'shopper_unknown', ...tokenProblems) },
      },
    },
    async (request) => viewShopper(await find(request.params.programme, request.params.id)),
  );

  app.patch(
    `${path}/labels`,
    {
      onRequest: requireRight(context, 'label-shoppers'),
      schema: {
        tags,
        security,
        summary:
          'Adds labels to a shopper, or takes them away with null; counted by from the next request on',
        params: Params,
        body: LabelChanges,
        response: {
          200: ShopperView,
          ...problems('shopper_unknown', 'labels_full', ...bodyProblems, ...tokenProblems),
        },
      },
    },
    async (request) => {
      const { programme, id } = request.params;
      const audit = auditEntry(request, now(), 'shopper.label', id);
      const outcome = await store.labelShopper(programme, id, request.body, audit);
      if (outcome === 'unknown') throw new TapsealError('shopper_unknown');
      if (outcome === 'labels_full') throw new TapsealError('labels_full');
      return viewShopper(await find(programme, id));
    },
  );
}
