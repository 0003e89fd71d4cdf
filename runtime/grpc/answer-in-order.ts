/** Requests of one stream that are worked on at once. */
const mostAtOnce = 16;

/** A call whose requests and answers are streams. */
export interface TwoWayCall {
  on(event: 'data', listener: (request: unknown) => void): unknown;
  on(event: 'end' | 'cancelled' | 'drain', listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
  write(response: unknown): boolean;
  end(): unknown;
}

/**
 * Answers the messages of a call in the order in which they came, several at once, and takes no more of them than the
 * client takes answers.
 */
export function answerInOrder(
  call: TwoWayCall,
  answer: (request: unknown) => Promise<unknown>,
  fail: (error: unknown) => void,
): void {
  let underWay = 0;
  let hasEnded = false;
  let isOver = false;
  let isFull = false;
  let last: Promise<void> = Promise.resolve();

  const take = (): void => {
    if (!isOver && !isFull && underWay < mostAtOnce) call.resume();
  };
  const finish = (): void => {
    if (hasEnded && underWay === 0 && !isOver) {
      isOver = true;
      call.end();
    }
  };
  const send = (response: unknown): void => {
    if (isOver) return;
    isFull = !call.write(response);
  };

  call.on('data', (request) => {
    underWay++;
    if (underWay >= mostAtOnce) call.pause();
    const answered = answer(request);
    // Whoever waits for those before it must not leave a failure unheard.
    answered.catch(() => {});
    last = last
      .then(() => answered)
      .then(send, (error: unknown) => {
        if (!isOver) fail(error);
        isOver = true;
      })
      .then(() => {
        underWay--;
        take();
        finish();
      });
  });
  call.on('drain', () => {
    isFull = false;
    take();
  });
  call.on('end', () => {
    hasEnded = true;
    finish();
  });
  call.on('cancelled', () => {
    isOver = true;
  });
}
