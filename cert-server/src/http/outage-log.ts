/**
 * Phones are told to come again where the store cannot be asked; the operator is told why. Once in a while: each request of an
 * outage would say the same.
 */
import { isTapsealError } from '@tapseal/shared/tapseal-error';
import type { FastifyBaseLogger } from 'fastify';

const QUIET_MS = 10_000;

export type OutageLog = (error: unknown) => void;

/** @param nowMs of a monotonic clock */
export function createOutageLog(logger: FastifyBaseLogger, nowMs = () => performance.now()): OutageLog {
  let quietUntilMs = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (!isTapsealError(error) || error.code !== 'server_busy' || error.cause === undefined) return;
    if (nowMs() < quietUntilMs) return;
    quietUntilMs = nowMs() + QUIET_MS;
    logger.error({ err: error.cause }, 'the store cannot be asked: requests are told to come again');
  };
}
