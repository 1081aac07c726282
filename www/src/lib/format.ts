/** How numbers are written, everywhere. Every function names the unit that it takes. */

const LOCALE = "en-US";
/** U+2212, as wide as a digit in tabular figures. */
const MINUS = "−";
const NARROW_SPACE = "\u202f";
const NOTHING = "–";

/** A figure that may not be there: JSON leaves it out, or says `null`. */
export type Maybe<T> = T | null | undefined;

const grouped = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });

const sign = (text: string): string => text.replace(/^-/, MINUS);

/** A whole number with its thousands grouped: `12,345`. */
export function formatCount(count: number): string {
  return sign(grouped.format(count));
}

/** A whole number in the width of an axis label: `12.3K`. */
export function formatCountShort(count: number): string {
  return sign(compact.format(count));
}

/** A count and its noun: `1 column`, `7 columns`. */
export function formatPlural(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** A ratio in [0, 1] as a percentage: `45.1%`; a trace that would round to zero says so. */
export function formatPercent(ratio: Maybe<number>): string {
  if (!isFigure(ratio)) return NOTHING;
  const percent = ratio * 100;
  if (percent === 0) return "0%";
  if (percent < 0.1) return "<0.1%";
  if (percent > 99.9 && percent < 100) return ">99.9%";
  return `${Number(percent.toFixed(1))}%`;
}

/** Any finite number in at most four significant digits: `0.4505`, `1.24e+7` as `1.24×10⁷`. */
export function formatNumber(value: Maybe<number>, digits = 4): string {
  if (!isFigure(value)) return NOTHING;
  if (value === 0) return "0";
  const magnitude = Math.abs(value);
  if (magnitude >= 1e7 || magnitude < 1e-4) return scientific(value, Math.min(digits, 3));
  if (magnitude >= 1000)
    return sign(
      new Intl.NumberFormat(LOCALE, { maximumFractionDigits: magnitude < 1e4 ? 1 : 0 }).format(value),
    );
  return sign(String(Number(value.toPrecision(digits))));
}

/** An effect or score with three decimals, so that a column of them lines up: `0.450`. */
export function formatScore(value: Maybe<number>): string {
  if (!isFigure(value)) return NOTHING;
  if (value !== 0 && Math.abs(value) < 0.0005) return "<0.001";
  return sign(value.toFixed(Math.abs(value) < 10 ? 3 : 1));
}

/** A p-value: `0.0325`, `8.1×10⁻²⁹⁶`; one that underflowed is a bound, not a zero. */
export function formatPValue(p: Maybe<number>): string {
  if (!isFigure(p)) return NOTHING;
  if (p <= 0) return "<10⁻³⁰⁰";
  if (p >= 0.9995) return "1.00";
  if (p >= 0.1) return p.toFixed(2);
  if (p >= 0.001) return p.toFixed(p < 0.01 ? 4 : 3);
  return scientific(p, 2);
}

/** A duration given in seconds, in the unit that suits it: `850 µs`, `12.3 ms`, `1.25 s`, `2 min 5 s`. */
export function formatSeconds(seconds: Maybe<number>): string {
  if (!isFigure(seconds)) return NOTHING;
  if (seconds === 0) return `0${NARROW_SPACE}ms`;
  if (seconds < 0.0009995) return `${threeDigits(seconds * 1e6)}${NARROW_SPACE}µs`;
  if (seconds < 0.9995) return `${threeDigits(seconds * 1e3)}${NARROW_SPACE}ms`;
  if (seconds < 59.95) return `${threeDigits(seconds)}${NARROW_SPACE}s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return joined(Math.floor(whole / 60), "min", whole % 60, "s");
  if (whole < 86_400) return joined(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "min");
  return joined(Math.floor(whole / 86_400), "d", Math.floor((whole % 86_400) / 3600), "h");
}

/** How long ago something was, given in seconds: `just now`, `12 s ago`. */
export function formatAgo(seconds: number): string {
  return seconds < 1 ? "just now" : `${formatSeconds(Math.floor(seconds))} ago`;
}

/** Events a second: `12.3/s`. */
export function formatRate(perSecond: Maybe<number>): string {
  if (!isFigure(perSecond)) return NOTHING;
  if (perSecond === 0) return "0/s";
  return perSecond < 0.1 ? "<0.1/s" : `${threeDigits(perSecond)}/s`;
}

/** A size given in bytes: `158 kB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${threeDigits(value)}${NARROW_SPACE}${units[unit] ?? ""}`;
}

/** A confidence interval: `0.421 to 0.480`. */
export function formatInterval(interval: Maybe<readonly [number, number]>): string {
  return !interval ? NOTHING : `${formatScore(interval[0])} to ${formatScore(interval[1])}`;
}

/** The time of day of a moment, given in seconds since 1970: `15:04:05`. */
export function formatTime(atSeconds: number): string {
  return new Date(atSeconds * 1000).toLocaleTimeString("en-GB");
}

/** A moment, given in seconds since 1970, in UTC as tables have it: `2026-09-21 14:13`; a midnight as its day. */
export function formatDateTime(atSeconds: number): string {
  const text = new Date(atSeconds * 1000);
  if (Number.isNaN(text.getTime())) return NOTHING;
  return text.toISOString().slice(0, 16).replace("T", " ").replace(" 00:00", "");
}

function isFigure(value: Maybe<number>): value is number {
  return Number.isFinite(value);
}

function threeDigits(value: number): string {
  if (value >= 999.5) return grouped.format(value);
  return String(Number(value.toPrecision(3)));
}

function joined(major: number, majorUnit: string, minor: number, minorUnit: string): string {
  const head = `${grouped.format(major)}${NARROW_SPACE}${majorUnit}`;
  return minor === 0 ? head : `${head} ${minor}${NARROW_SPACE}${minorUnit}`;
}

function scientific(value: number, digits: number): string {
  const [mantissa = "", exponent = ""] = value.toExponential(digits - 1).split("e");
  const raised = exponent.replace("+", "").replace(/./g, (c) => SUPERSCRIPTS[c] ?? c);
  return sign(`${mantissa}×10${raised}`);
}

const SUPERSCRIPTS: Record<string, string> = {
  "-": "⁻",
  "0": "⁰",
  "1": "¹",
  "2": "²",
  "3": "³",
  "4": "⁴",
  "5": "⁵",
  "6": "⁶",
  "7": "⁷",
  "8": "⁸",
  "9": "⁹",
};
