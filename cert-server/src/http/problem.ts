/**
 * Every error of the HTTP interface, in one place: RFC 9457 problems with a stable code. What is not a TapsealError is a
 * fault of ours: it is logged, and the caller learns no more than the request id to ask about.
 */
import { type ErrorCode, errorTable } from '@tapseal/shared/error-codes';
import type { Problem } from '@tapseal/shared/http-api';
import { isTapsealError } from '@tapseal/shared/tapseal-error';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

type ProblemExtras = Pick<Problem, 'detail' | 'refusal' | 'resetsAt'>;

const BUSY_RETRY_AFTER_S = 1;

const codeOfFastifyError: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_long',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media_type_unsupported',
  FST_ERR_CTP_INVALID_JSON_BODY: 'body_invalid',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'body_invalid',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'body_invalid',
  FST_ERR_BAD_URL: 'route_unknown',
  FST_ERR_ASYNC_CONSTRAINT: 'route_unknown',
  // As the schema says of a name that is too long for it.
  FST_ERR_MAX_PARAM_LENGTH: 'body_invalid',
};

/** The status of a code; those that no route should raise are faults of ours. */
export function httpStatusOf(code: ErrorCode): number {
  const entry: { readonly http?: number } = errorTable[code];
  return entry.http ?? 500;
}

/** Names the field, never its value. */
function describeValidation(error: FastifyError): string {
  const first = error.validation?.[0];
  const where = `${error.validationContext ?? 'body'}${first?.instancePath ?? ''}`;
  const extra = first?.params?.additionalProperty;
  return typeof extra === 'string'
    ? `${where}: unknown field ${extra.slice(0, 40)}`
    : `${where}: ${first?.message ?? 'invalid'}`;
}

/** Fields that hold a signed or sealed message: the schemas bound their text, so that none is decoded to see how long it is. */
const messageField = /^\/(?:request|registration|advert|hello|binding|receipts\/\d+)$/;

function isMessageTooLong({ validation = [] }: FastifyError): boolean {
  return validation.some(
    ({ keyword, instancePath }) => keyword === 'maxLength' && messageField.test(instancePath),
  );
}

function readError(error: FastifyError): { code: ErrorCode; detail?: string } {
  if (isTapsealError(error)) {
    return error.detail === undefined ? { code: error.code } : { code: error.code, detail: error.detail };
  }
  if (error.validation !== undefined) {
    const code = isMessageTooLong(error) ? 'message_too_long' : 'body_invalid';
    return { code, detail: describeValidation(error) };
  }
  const code = codeOfFastifyError[error.code];
  if (code !== undefined) return { code };
  // Fastify's own refusals of a request it cannot read, for example a prototype key in the JSON.
  if (error.statusCode === 400) return { code: 'body_invalid', detail: 'JSON' };
  return { code: 'internal_error' };
}

export function sendProblem(reply: FastifyReply, code: ErrorCode, extras: ProblemExtras = {}): FastifyReply {
  const { title, advice } = errorTable[code];
  const status = httpStatusOf(code);
  const problem: Problem = {
    type: `urn:tapseal:problem:${code}`,
    title,
    status,
    code,
    advice,
    instance: reply.request.id,
    ...extras,
  };
  reply.request.problemCode = code;
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (code === 'server_busy') reply.header('retry-after', BUSY_RETRY_AFTER_S);
  // As text: the schema of the route describes its success, and must not trim the problem.
  return reply.code(status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
}

export function handleError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { code, ...extras } = readError(error);
  if (httpStatusOf(code) !== 500) return sendProblem(reply, code, extras);
  request.log.error({ reqId: request.id, err: error }, 'unexpected error');
  return sendProblem(reply, 'internal_error');
}

export function handleNotFound(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendProblem(reply, 'route_unknown');
}
