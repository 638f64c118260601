/** `tapseal grant watch`: follows the decisions by long polling. What was missed while the server was away comes afterwards. */
import { setTimeout as delay } from 'node:timers/promises';
import { GRANTS_PAGE_MAX, GRANTS_WAIT_MS_MAX } from '../../http/admin-bounds.js';
import { GrantPage } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { EXIT_UNREACHABLE, exitCodeOf } from '../exit-codes.js';
import { fetchCurrency, renderGrantLine } from '../grant-line.js';
import { problemOf } from '../problem-error.js';
import { openSession, type Session } from '../session.js';
import { styleOf } from '../style.js';

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 10_000;

type Options = GlobalOptions & { readonly after?: number; readonly refusals?: true };

async function watch(
  context: CommandContext,
  options: Options,
  session: Session,
  stopped: AbortSignal,
): Promise<void> {
  const decisions = options.refusals ? 'all' : 'grants';
  const page = (query: Record<string, string | number>, extraMs: number): Promise<GrantPage> =>
    session.client.call(
      { path: session.route('/grants'), query: { decisions, ...query }, extraMs, signal: stopped },
      GrantPage,
    );
  // The first answer is not retried: a wrong address or token should show at once.
  let after = options.after ?? (await page({ order: 'newest', limit: 1 }, 0)).next;
  const currency = options.json ? '' : await fetchCurrency(session);
  const style = styleOf(context.stderr);
  const say = (text: string): void => {
    if (!options.json) context.stderr.write(`${style.dim(text)}\n`);
  };
  say('Waiting for grants; Ctrl-C ends this.');
  let retryMs = RETRY_MS_MIN;
  while (!stopped.aborted) {
    try {
      const { grants, next } = await page(
        { after, order: 'oldest', limit: GRANTS_PAGE_MAX, waitMs: GRANTS_WAIT_MS_MAX },
        GRANTS_WAIT_MS_MAX,
      );
      if (retryMs > RETRY_MS_MIN) say('The server is back.');
      retryMs = RETRY_MS_MIN;
      for (const grant of grants) {
        const line = options.json ? JSON.stringify(grant) : renderGrantLine(context.stdout, grant, currency);
        context.stdout.write(`${line}\n`);
      }
      after = next;
    } catch (error) {
      if (stopped.aborted || exitCodeOf(problemOf(error).code) !== EXIT_UNREACHABLE) throw error;
      if (retryMs === RETRY_MS_MIN) say('The server is away; trying again until it is back.');
      await delay(retryMs, undefined, { signal: stopped });
      retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
    }
  }
}

export async function grantWatch(context: CommandContext, options: Options): Promise<void> {
  const session = openSession(context, options);
  const stopped = new AbortController();
  context.onStop(() => stopped.abort());
  try {
    await watch(context, options, session, stopped.signal);
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
  }
}
