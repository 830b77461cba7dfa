// Waiting: for a time that can be cut short, for messages, for a change. All times in seconds.

export class Cut extends Error {}

/** Resolves after `seconds`; throws Cut when the signal says so before. */
export function sleep(seconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new Cut());
      return;
    }
    const cut = () => {
      clearTimeout(timer);
      reject(new Cut());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', cut);
      resolve();
    }, Math.max(0, seconds * 1000));
    signal?.addEventListener('abort', cut, { once: true });
  });
}

/** The promise's value, or undefined when it takes longer. */
export async function timeLimit(promise, seconds) {
  let timer;
  const late = new Promise((resolve) => { timer = setTimeout(resolve, seconds * 1000); });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A queue with one reader. */
export class Mailbox {
  #items = [];

  #waiting = null;

  get size() {
    return this.#items.length;
  }

  put(item) {
    if (!this.#waiting) {
      this.#items.push(item);
      return;
    }
    const give = this.#waiting;
    this.#waiting = null;
    give(item);
  }

  /** The next item; undefined when none comes within `seconds` (not given: for ever). */
  get(seconds) {
    if (this.#items.length) return Promise.resolve(this.#items.shift());
    return new Promise((resolve) => {
      let timer;
      this.#waiting = (item) => {
        clearTimeout(timer);
        resolve(item);
      };
      if (seconds !== undefined) {
        timer = setTimeout(() => {
          this.#waiting = null;
          resolve(undefined);
        }, Math.max(0, seconds * 1000));
      }
    });
  }
}

/** Something that changes, and those who wait for it. */
export class Change {
  #waiting = new Set();

  tell() {
    for (const give of this.#waiting) give(true);
  }

  /** True when it changed, false when `seconds` went by. Throws Cut with the signal. */
  next(seconds, signal) {
    return new Promise((resolve, reject) => {
      let timer;
      const over = (settle, value) => {
        clearTimeout(timer);
        this.#waiting.delete(give);
        signal?.removeEventListener('abort', cut);
        settle(value);
      };
      const give = (value) => over(resolve, value);
      const cut = () => over(reject, new Cut());
      if (signal?.aborted) {
        reject(new Cut());
        return;
      }
      this.#waiting.add(give);
      signal?.addEventListener('abort', cut, { once: true });
      if (seconds !== undefined) timer = setTimeout(give, Math.max(0, seconds * 1000), false);
    });
  }
}
