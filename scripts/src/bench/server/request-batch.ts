/** Whole HTTP requests, one after another in one piece of memory, so that sending one makes no work and no garbage. */

export type RequestBatch = {
  readonly bytes: Uint8Array;
  /** Where each request begins, and last the end of all. */
  readonly offsets: Uint32Array;
};

export function batchCount(batch: RequestBatch): number {
  return batch.offsets.length - 1;
}

/** A view, not a copy. */
export function requestAt(batch: RequestBatch, index: number): Uint8Array {
  return batch.bytes.subarray(batch.offsets[index], batch.offsets[index + 1]);
}

/** As an app on a phone would send it. @param body JSON; absent: none */
export function encodeHttpRequest(method: 'GET' | 'POST', path: string, body?: string): string {
  const head = `${method} ${path} HTTP/1.1\r\nhost: bench\r\naccept: application/json\r\nuser-agent: tapseal-bench\r\n`;
  if (body === undefined) return `${head}\r\n`;
  return `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

export function joinRequests(requests: readonly string[]): RequestBatch {
  const offsets = new Uint32Array(requests.length + 1);
  requests.forEach((request, index) => {
    offsets[index + 1] = (offsets[index] ?? 0) + request.length;
  });
  // Every character is one byte: heads, base64url and hexadecimal.
  return { bytes: Buffer.from(requests.join(''), 'latin1'), offsets };
}

/** The same request so many times. */
export function repeatRequest(request: string, count: number): RequestBatch {
  return joinRequests(new Array<string>(count).fill(request));
}
