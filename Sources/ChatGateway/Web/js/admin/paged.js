// A list that is read page by page, and read again as far as it was read before: what one has unfolded stays up to date.

const PAGES_MOST = 20;

export class Paged {
  #pages = 1;

  /** @param {(after: string | undefined) => Promise<{after?: string}>} read @param {(page: any) => any[]} rowsOf */
  constructor(read, rowsOf) {
    Object.assign(this, { read, rowsOf });
    this.hasMore = false;
  }

  /** One page more from the next time on. */
  more() {
    this.#pages = Math.min(this.#pages + 1, PAGES_MOST);
  }

  /** @returns {Promise<{rows: any[], last: any}>} of all pages, and what the last one says besides */
  async load() {
    const rows = [];
    let last;
    let after;
    for (let page = 0; page < this.#pages; page++) {
      last = await this.read(after);
      rows.push(...this.rowsOf(last));
      after = last.after;
      if (!after) break;
    }
    this.hasMore = Boolean(after) && this.#pages < PAGES_MOST;
    return { rows, last };
  }
}
