// Numbers and names for the eyes of a person.

const integer = new Intl.NumberFormat("en-US");

/** `5,832` */
export function formatCount(count: number): string {
  return integer.format(count);
}

/** `1 row`, `5,832 rows` */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A name of the JSON's, in words: `roc auc` */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

/** A verdict of any kind: `drift`, `no drift`, `too little data` */
export function formatVerdict(verdict: string): string {
  return verdict === "insufficient_data" ? "too little data" : words(verdict);
}

/** Four significant digits, or a whole number in full: `0.1213`, `12.5`, `1372680000`, `1.2e-7`. */
export function formatNumber(value: number): string {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "-∞" : "–";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e12) return String(value);
  if (size >= 1e7 || size < 1e-3) return value.toExponential(1).replace("+", "");
  return String(Number(value.toPrecision(4)));
}

/** A p-value, of which a zero is only one too small to be written. */
export function formatPValue(p: number | null): string {
  if (p === null) return "–";
  if (p < 1e-300) return "< 1e-300";
  if (p >= 0.001) return p.toFixed(3);
  return p.toExponential(1);
}

/** A share as percent: `0%`, `0.3%`, `12%`; what is there is never rounded away. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return "–";
  if (part === 0) return "0%";
  const percent = (100 * part) / whole;
  if (percent < 0.1) return "<0.1%";
  if (part !== whole && percent > 99.9) return ">99.9%";
  return `${percent < 10 ? percent.toFixed(1) : percent.toFixed(0)}%`;
}

/** The most cells that a table gives to a name: enough to know it by. JSON has it in full. */
export const NAME_CELLS = 60;

/** Text from a file, on one line and without the characters that would drive the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\u{fffd}");
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Cells of a terminal that `text` takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** `text` in no more than `most` cells, cut with an ellipsis. */
export function shorten(text: string, most: number): string {
  return displayWidth(text) <= most ? text : fit(text, most, "left").trimEnd();
}

/** `text` in exactly `width` cells, cut with an ellipsis or filled with spaces. */
export function fit(text: string, width: number, align: "left" | "right"): string {
  const space = width - displayWidth(text);
  if (space >= 0) return align === "left" ? text + " ".repeat(space) : " ".repeat(space) + text;
  let cut = "";
  let left = width - 1;
  for (const { segment } of graphemes.segment(text)) {
    left -= displayWidth(segment);
    if (left < 0) break;
    cut += segment;
  }
  return fit(`${cut}…`, width, align);
}

/** A time in seconds since 1970: a day where it is a midnight, else to the minute; in UTC. */
export function formatTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  if (Number.isNaN(time.getTime())) return formatNumber(seconds);
  return time.toISOString().slice(0, 16).replace("T", " ").replace(" 00:00", "");
}
