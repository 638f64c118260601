/** `tapseal touchpoint enroll-file`: enrols a box that has no network, by two files carried on a stick. */
import { EnrolmentRequest, EnrolmentResponse } from '@tapseal/shared/http-api';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { fitsSchema } from '../fits-schema.js';
import { printAnswer } from '../print-answer.js';
import { usageError } from '../problem-error.js';
import { readFileBounded } from '../read-file-bounded.js';
import { openServer } from '../session.js';
import { assertWritable, writeFileWhole } from '../write-file-whole.js';

const REQUEST_BYTES_MAX = 16_384;

type Options = GlobalOptions & { readonly out: string };

function readRequest(path: string): EnrolmentRequest {
  const text = new TextDecoder().decode(readFileBounded(path, REQUEST_BYTES_MAX, 'an enrolment request'));
  const advice = 'Make it on the box with `tapseal-beacon enroll --request-out FILE`.';
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch {
    // The text holds the enrolment code: it is not repeated.
    throw usageError(`${path} is not JSON.`, advice);
  }
  if (!fitsSchema(EnrolmentRequest, request)) throw usageError(`${path} is no enrolment request.`, advice);
  return request;
}

export async function touchpointEnrollFile(
  context: CommandContext,
  options: Options,
  path: string,
): Promise<void> {
  const request = readRequest(path);
  // Before the code is used up, not after.
  assertWritable(options.out);
  const client = openServer(context, options, { token: 'none' });
  const response = await client.call(
    { method: 'POST', path: '/v1/enrolments', body: request },
    EnrolmentResponse,
  );
  writeFileWhole(options.out, `${JSON.stringify(response, null, 2)}\n`, { mode: 0o644, replace: false });
  const { programme, name, touchpointId } = response;
  printAnswer(context, options, { programme, name, touchpointId, out: options.out }, () =>
    [
      `Enrolled the box of ${name} (${touchpointId}).`,
      `Carry ${options.out} to it, and there: tapseal-beacon enroll --response-in FILE`,
    ].join('\n'),
  );
}
