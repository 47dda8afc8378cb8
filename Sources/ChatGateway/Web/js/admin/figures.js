// Numbers and spans of time for people, and the line of a chart. Pure.

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

export const countText = (number) => whole.format(number ?? 0);

/** A rate: with a decimal while it is small. */
export const rateText = (number = 0) => (number < 100 ? tenth : whole).format(number);

/** "12 s", "5 min", "3 h", "8 d". @param {number} ms */
export function spanText(ms) {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** The last values, a bounded number of them. */
export class Samples {
  /** @param {number} most */
  constructor(most) {
    this.most = most;
    /** @type {{at: number, value: number}[]} */ this.all = [];
  }

  /** One that is as old as the last one is no news. */
  add(at, value) {
    if (this.all.length && at <= this.all.at(-1).at) return;
    this.all.push({ at, value });
    if (this.all.length > this.most) this.all.shift();
  }

  get highest() {
    return Math.max(0, ...this.all.map(({ value }) => value));
  }

  /**
   * The line through all of them, from left to right over `span` ms that end with the last one.
   *
   * @returns {string} of an SVG path; empty as long as there are not two
   */
  line(width, height, span) {
    if (this.all.length < 2) return "";
    const end = this.all.at(-1).at;
    const top = this.highest || 1;
    const points = this.all.filter(({ at }) => end - at <= span)
      .map(({ at, value }) => `${(width * (1 - (end - at) / span)).toFixed(1)} ${(height * (1 - value / top)).toFixed(1)}`);
    return `M${points.join("L")}`;
  }
}
