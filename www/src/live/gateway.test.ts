import { afterEach, expect, test, vi } from "vitest";

import { askSnapshot, readSnapshot, snapshotUrl } from "./gateway";

const TARGET = { gateway: "http://gateway.test/.tidegate/", token: "secret" };
const ask = () => askSnapshot(TARGET, new AbortController().signal);

afterEach(() => void vi.unstubAllGlobals());

function answerWith(response: () => Response | Promise<Response>) {
  const fetched = vi.fn(async (..._request: [string, RequestInit]) => response());
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

test("the snapshot is below the admin path, with or without a slash at its end", () => {
  expect(snapshotUrl("http://g:1/.tidegate")).toBe("http://g:1/.tidegate/v1/snapshot");
  expect(snapshotUrl("http://g:1/.tidegate///")).toBe("http://g:1/.tidegate/v1/snapshot");
  expect(snapshotUrl("http://g:1")).toBe("http://g:1/v1/snapshot");
});

test("what is no http address is refused, not fetched", async () => {
  const fetched = answerWith(() => new Response());
  for (const gateway of ["", "localhost", "javascript:alert(1)", "file:///etc/passwd"]) {
    const answer = await askSnapshot({ gateway, token: "" }, new AbortController().signal);
    expect(answer.type).toBe("refused");
  }
  expect(fetched).not.toHaveBeenCalled();
});

test("the token goes into the header and nowhere else", async () => {
  const fetched = answerWith(() => Response.json({ schema: "tidegate.snapshot/1" }));
  await ask();
  const [url, init] = fetched.mock.calls[0] ?? [];
  expect(url).not.toContain("secret");
  expect(init).toMatchObject({ headers: { authorization: "Bearer secret" }, credentials: "omit" });
});

test.each([
  [401, "refused", "refused the token"],
  [403, "refused", "refused the token"],
  [404, "refused", "no admin API at http://gateway.test/.tidegate/v1/snapshot"],
  [503, "lost", "status 503"],
])("status %i is %s, in a sentence", async (status, type, part) => {
  answerWith(() => new Response(null, { status }));
  const answer = await ask();
  expect(answer.type).toBe(type);
  expect("message" in answer && answer.message).toContain(part);
});

test("no answer names the gateway and the two usual reasons", async () => {
  answerWith(() => Promise.reject(new TypeError("Failed to fetch")));
  expect(await ask()).toEqual({
    type: "lost",
    message:
      "No answer from http://gateway.test: it may be down, or its admin.cors_origins may lack the origin of this page.",
  });
});

test("an answer that is not JSON is said to be none", async () => {
  answerWith(() => new Response("<html>"));
  expect(await ask()).toEqual({ type: "lost", message: "The answer of http://gateway.test is not JSON." });
});

test("an unknown schema version is named", () => {
  const answer = readSnapshot({ schema: "tidegate.snapshot/9" });
  expect(answer.type === "refused" && answer.message).toContain('"tidegate.snapshot/9"');
  for (const body of [null, 3, [], {}]) expect(readSnapshot(body).type).toBe("refused");
});
