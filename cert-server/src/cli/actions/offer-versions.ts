/** `tapseal offer versions` */
import { OfferVersionDetail, OfferVersionPage } from '../../http/offer-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { renderFields } from '../fields-view.js';
import { formatInstant } from '../format-instant.js';
import { printAnswer } from '../print-answer.js';
import { usageError } from '../problem-error.js';
import { openSession } from '../session.js';
import { renderTable } from '../table.js';
import { writeFileWhole } from '../write-file-whole.js';

type Options = GlobalOptions & {
  readonly limit: number;
  readonly before?: number;
  readonly show?: number;
  readonly out?: string;
};

async function showOne(
  context: CommandContext,
  options: Options,
  id: string,
  version: number,
): Promise<void> {
  const session = openSession(context, options);
  const path = session.route(`/offers/${id}/versions/${version}`);
  const view = await session.client.call({ path }, OfferVersionDetail);
  const { out } = options;
  if (out !== undefined) writeFileWhole(out, view.canonical, { mode: 0o644, replace: false });
  printAnswer(context, options, out === undefined ? view : { ...view, out }, () =>
    renderFields(context.stdout, `${view.id}, version ${view.version}`, view.sentence, [
      ['created', formatInstant(view.createdAt, view.timeZone)],
      ['hash', view.hash],
      ['hexadecimal', Buffer.from(view.hash, 'base64url').toString('hex')],
      ['text', out === undefined ? view.canonical : undefined],
      ['written', out],
      ['to check', out === undefined ? undefined : `openssl dgst -sha256 ${out}`],
    ]),
  );
}

export async function offerVersions(context: CommandContext, options: Options, id: string): Promise<void> {
  if (options.out !== undefined && options.show === undefined) {
    throw usageError('--out belongs to --show.', 'Say which version with --show, or leave --out away.');
  }
  if (options.show !== undefined) return showOne(context, options, id, options.show);
  const session = openSession(context, options);
  const page = await session.client.call(
    {
      path: session.route(`/offers/${id}/versions`),
      query: { limit: options.limit, before: options.before },
    },
    OfferVersionPage,
  );
  printAnswer(context, options, page, () => {
    if (page.versions.length === 0) return 'No version before this one.';
    const table = renderTable(
      context.stdout,
      [
        { title: 'version', align: 'right' },
        { title: 'created' },
        { title: 'rules', wraps: true },
        { title: 'hash', below: true },
      ],
      page.versions.map(({ version, createdAt, timeZone, sentence, hash }) => [
        String(version),
        formatInstant(createdAt, timeZone),
        sentence,
        hash,
      ]),
    );
    const more = `More: tapseal offer versions ${id} --before ${page.next}`;
    return page.next === undefined ? table : `${table}\n\n${more}`;
  });
}
