// Copied word for word: the twin of course_lib.copies.

/**
 * Finds in any text what stands word for word in `known`: token ids, or a text that has
 * a letter for each token, and then `letters`, the letter of each id ("" if it is not
 * there).
 */
export class CopyMeter {
  constructor(known, letters = null) {
    this.letterOf = letters ? (id) => letters[id] || "\0" : (id) => String.fromCodePoint(id);
    this.known = letters ? known : this.write(known); // pieces are found at machine speed
  }

  write(tokens) {
    return Array.from(tokens, this.letterOf).join("");
  }

  /** For each token: how long is the longest known piece that ends here? */
  runs(tokens) {
    const text = this.write(tokens);
    let n = 0;
    return Array.from(tokens, (_, i) => {
      n += 1; // one token more can make it longer by one at most
      while (n && !this.known.includes(text.slice(i + 1 - n, i + 1))) n -= 1;
      return n;
    });
  }

  /** For each token: how long is the longest known piece that it is part of? */
  cover(tokens) {
    const covered = Array.from(tokens, () => 0);
    this.runs(tokens).forEach((n, end) => {
      for (let i = end + 1 - n; i <= end; i += 1) covered[i] = Math.max(covered[i], n);
    });
    return covered;
  }

  /** The longest known piece of `tokens`, the first of several: [start, length]. */
  longest(tokens) {
    const lengths = this.runs(tokens);
    const most = Math.max(0, ...lengths);
    return most ? [lengths.indexOf(most) + 1 - most, most] : [0, 0];
  }
}
