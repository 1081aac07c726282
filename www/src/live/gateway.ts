/** The gateway's admin API, as far as the page needs it. */

import type { Snapshot } from "tidegate";

/** Where to ask, and by what right. */
export interface Target {
  /** Base of the admin API, such as `http://127.0.0.1:10000/.tidegate`. */
  gateway: string;
  token: string;
}

/** What one question brought. */
export type Answer =
  | { type: "snapshot"; snapshot: Snapshot }
  /** Asking again may help. */
  | { type: "lost"; message: string }
  /** Asking again will not help until a person changes something. */
  | { type: "refused"; message: string };

const SCHEMA = "tidegate.snapshot/1";
const TIMEOUT_MILLIS = 10_000;

/** The address of the snapshot; `null` where the base is no http address. */
export function snapshotUrl(gateway: string): string | null {
  try {
    const url = new URL(gateway);
    if (url.protocol !== "http:" && url.protocol !== "https:") return null;
    url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/snapshot`;
    return url.href;
  } catch {
    return null;
  }
}

/** Asks for the snapshot once. Never throws: what went wrong is in the answer, as a sentence. */
export async function askSnapshot({ gateway, token }: Target, signal: AbortSignal): Promise<Answer> {
  const url = snapshotUrl(gateway);
  if (url === null)
    return {
      type: "refused",
      message: `"${gateway}" is not an address: it should look like http://127.0.0.1:10000/.tidegate.`,
    };
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${token}` },
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MILLIS)]),
    });
    return response.ok ? readSnapshot(await response.json()) : answerOfStatus(response.status, url);
  } catch (error) {
    return { type: "lost", message: sentenceOf(error, new URL(url).origin) };
  }
}

/** A snapshot, if it is one that this page can read. */
export function readSnapshot(body: unknown): Answer {
  const schema = typeof body === "object" && body !== null && "schema" in body ? body.schema : undefined;
  if (schema === SCHEMA) return { type: "snapshot", snapshot: body as Snapshot };
  const found = typeof schema === "string" ? `"${schema}"` : "something else";
  return {
    type: "refused",
    message: `This page reads ${SCHEMA}, and the gateway sent ${found}: use the explorer that came with the gateway's version.`,
  };
}

function answerOfStatus(status: number, url: string): Answer {
  if (status === 401 || status === 403) {
    return {
      type: "refused",
      message: "The gateway refused the token: it must be the admin.token of the plugin's config.",
    };
  }
  if (status === 404) {
    return {
      type: "refused",
      message: `There is no admin API at ${url}: the address should end in the admin.path of the plugin's config, such as /.tidegate.`,
    };
  }
  return { type: "lost", message: `The gateway answered with status ${status}.` };
}

function sentenceOf(error: unknown, origin: string): string {
  if (error instanceof DOMException && error.name === "TimeoutError")
    return `The gateway at ${origin} did not answer within ${TIMEOUT_MILLIS / 1000} seconds.`;
  if (error instanceof SyntaxError) return `The answer of ${origin} is not JSON.`;
  return `No answer from ${origin}: it may be down, or its admin.cors_origins may lack the origin of this page.`;
}
