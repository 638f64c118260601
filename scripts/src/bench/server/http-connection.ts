/**
 * One kept-alive connection with one request on the way at a time. HTTP/1.1 by hand, as far as the answers of this server go
 * (a status line, a content-length, a body): the generator shares the processor with what it measures and must be cheap.
 */
import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const RECEIVE_BYTES = 64 * 1024;
/** `HTTP/1.1 200` */
const STATUS_AT = 9;

export type AnswerListener = {
  /** @param body valid during the call only */
  readonly onAnswer: (connection: HttpConnection, status: number, body: Uint8Array) => void;
  readonly onBroken: (error: Error) => void;
};

export class HttpConnection {
  readonly #socket: Socket;
  readonly #listener: AnswerListener;
  /** What has come of an answer that is not whole yet. */
  #pending: Buffer = Buffer.alloc(0);
  /** Which request of the batch is on the way; the generator's own note. */
  requestIndex = -1;

  private constructor(socket: Socket, listener: AnswerListener) {
    this.#socket = socket;
    this.#listener = listener;
  }

  static open(url: string, listener: AnswerListener): Promise<HttpConnection> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const received = Buffer.alloc(RECEIVE_BYTES);
      const socket = connect({
        host: hostname,
        port: Number(port),
        noDelay: true,
        onread: {
          buffer: received,
          callback: (length) => {
            connection.#receive(received.subarray(0, length));
            return true;
          },
        },
      });
      const connection = new HttpConnection(socket, listener);
      socket.once('connect', () => {
        socket.off('error', reject);
        socket.on('error', (error) => listener.onBroken(error));
        socket.on('close', () => listener.onBroken(new Error(`${url} closed a connection`)));
        resolve(connection);
      });
      socket.once('error', reject);
    });
  }

  send(request: Uint8Array): void {
    this.#socket.write(request);
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const headEnd = bytes.indexOf(HEAD_END);
    const head = headEnd < 0 ? '' : bytes.toString('latin1', 0, headEnd).toLowerCase();
    const bodyAt = headEnd + HEAD_END.length;
    const length = contentLength(head);
    if (headEnd < 0 || bytes.length < bodyAt + length) {
      this.#pending = Buffer.from(bytes);
      return;
    }
    if (bytes.length > bodyAt + length) {
      this.#listener.onBroken(new Error('more came than one answer'));
      return;
    }
    this.#pending = Buffer.alloc(0);
    const status = Number(head.slice(STATUS_AT, STATUS_AT + 3));
    this.#listener.onAnswer(this, status, bytes.subarray(bodyAt));
  }
}

function contentLength(head: string): number {
  const label = 'content-length:';
  const at = head.indexOf(label);
  if (at < 0) return 0;
  const end = head.indexOf('\r\n', at);
  return Number(head.slice(at + label.length, end < 0 ? undefined : end));
}
