/** Linear scales and round ticks. */

export type Scale = (value: number) => number;

/** Maps `[from, to]` of the data to pixels; a domain without extent maps to the middle. */
export function linearScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [from, to] = domain;
  const [start, end] = range;
  if (to === from) return () => (start + end) / 2;
  // Halves, for the difference of two doubles may be more than a double.
  return (value) => start + ((value / 2 - from / 2) / (to / 2 - from / 2)) * (end - start);
}

/** About `count` round values inside of a domain: steps of 1, 2 or 5 times a power of ten. */
export function ticks(domain: readonly [number, number], count: number): number[] {
  const [from, to] = domain;
  if (!(to > from) || count < 1) return [from];
  if (!Number.isFinite(to - from)) return [from, to];
  const step = roundStep((to - from) / count);
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => cleaned((first + i) * step));
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / power;
  return (lead < 1.5 ? 1 : lead < 3 ? 2 : lead < 7 ? 5 : 10) * power;
}

/** Takes off what binary fractions leave behind, such as the tail of 0.30000000000000004. */
function cleaned(value: number): number {
  return Number(value.toPrecision(12));
}
