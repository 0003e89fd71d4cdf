import { connect } from 'node:net';

/** What a server sent back, as it came. */
export interface RawAnswer {
  readonly status: number;
  /** Lines as they were written, without the date and the id of the request, which are of the moment. */
  readonly headers: readonly string[];
  readonly body: string;
}

interface Exchange {
  readonly answers: readonly RawAnswer[];
  /** Whether the server has ended the connection. */
  readonly isClosed: boolean;
}

/**
 * Sends pieces, each when the one before has left, over one connection; resolves when so many answers have come, or the server
 * ends the connection.
 */
export function exchange(port: number, pieces: readonly (string | Buffer)[], expected = 1): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let received = Buffer.alloc(0);
    const finish = (isClosed: boolean): void => {
      socket.destroy();
      resolve({ answers: readAnswers(received), isClosed });
    };
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (readAnswers(received).length >= expected) finish(false);
    });
    socket.on('close', () => finish(true));
    socket.on('error', reject);
    const send = async (): Promise<void> => {
      for (const piece of pieces) {
        await new Promise<void>((sent) => socket.write(piece, () => setImmediate(sent)));
      }
    };
    socket.on('connect', () => void send());
  });
}

/** The complete answers in what has come. */
export function readAnswers(bytes: Buffer): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = bytes; ; ) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return answers;
    const [first = '', ...lines] = rest.toString('latin1', 0, end).split('\r\n');
    const length = Number(/^content-length: (\d+)$/im.exec(lines.join('\n'))?.[1] ?? 0);
    const bodyAt = end + 4;
    if (rest.length < bodyAt + length) return answers;
    answers.push({
      status: Number(first.split(' ')[1]),
      headers: lines.filter((line) => !/^(date|x-request-id):/i.test(line)),
      body: rest.toString('utf8', bodyAt, bodyAt + length),
    });
    rest = rest.subarray(bodyAt + length);
  }
}
