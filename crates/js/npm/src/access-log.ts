// Lines of a gateway's access log, and the records of requests in them.

/** How a record begins, whatever it is wrapped in: each JSON string around it escapes its quotes once more. */
const START = /\{(\\*)"type\1":\1"inference\1"/;

/**
 * The record in a line, as JSON text: alone on it, among other text, or inside strings of JSON, as log collectors
 * wrap lines; `undefined` where there is none.
 */
export function recordIn(line: string): string | undefined {
  let text = line;
  // Each round takes one wrapping off; more than a few are nobody's.
  for (let wrappings = 0; wrappings < 8; wrappings++) {
    const found = START.exec(text);
    if (found === null) return undefined;
    if (found[1] === "") return objectAt(text, found.index);
    const unwrapped = stringFrom(text, found.index);
    if (unwrapped === undefined) return undefined;
    text = unwrapped;
  }
  return undefined;
}

/** The object that begins at `start`, to its last brace; `undefined` if the text ends before. */
function objectAt(text: string, start: number): string | undefined {
  let depth = 0;
  let inString = false;
  for (let i = start; i < text.length; i++) {
    const letter = text[i];
    if (inString) {
      if (letter === "\\") i++;
      else if (letter === '"') inString = false;
    } else if (letter === '"') inString = true;
    else if (letter === "{" || letter === "[") depth++;
    else if ((letter === "}" || letter === "]") && --depth === 0) return text.slice(start, i + 1);
  }
  return undefined;
}

/** What the JSON string around `start` says from there on. */
function stringFrom(text: string, start: number): string | undefined {
  let end = start;
  while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  try {
    return JSON.parse(`"${text.slice(start, end)}"`);
  } catch {
    return undefined;
  }
}
