/** What the words of a report mean. */
export function HowToRead() {
  return (
    <p class="quiet how-to-read">
      A p-value is the chance to see such a difference, or a larger one, if nothing had changed; adjusted, the
      number of columns is allowed for. A column drifted if chance does not explain its difference and the
      difference is large enough to matter. It is not judged where there are too few rows to see one that
      would.
    </p>
  );
}
