/** Bounds on what one client address may ask of the routes that need no token. In memory: each server counts for itself. */
import rateLimit from '@fastify/rate-limit';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from './app-types.js';

const MINUTE_MS = 60_000;

/** Requests a minute and client address; 0 for no bound. Many shoppers may share one address, so they are generous. */
export type RateLimitOptions = {
  readonly phone?: number | undefined;
  readonly resolve?: number | undefined;
  readonly enrolment?: number | undefined;
};

const defaults = { phone: 6_000, resolve: 3_000, enrolment: 30 } as const;

type LimitHook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

export type RateLimits = Readonly<Record<keyof typeof defaults, LimitHook>>;

export async function createRateLimits(app: App, options: RateLimitOptions = {}): Promise<RateLimits> {
  await app.register(rateLimit, { global: false });
  const limit = (max: number): LimitHook => {
    if (max === 0) return async () => undefined;
    const count = app.createRateLimit({ max, timeWindow: MINUTE_MS });
    return async (request, reply) => {
      const result = await count(request);
      if (result.isAllowed || !result.isExceeded) return;
      reply.header('retry-after', Math.max(1, result.ttlInSeconds));
      throw new TapsealError('rate_limited');
    };
  };
  return {
    phone: limit(options.phone ?? defaults.phone),
    resolve: limit(options.resolve ?? defaults.resolve),
    enrolment: limit(options.enrolment ?? defaults.enrolment),
  };
}
