import { expect, test } from "vitest";

import { routeFromHash, VIEWS } from "./route";

test("an empty or unknown hash is the comparison", () => {
  for (const hash of ["", "#", "#compare", "#nonsense?gateway=x"])
    expect(routeFromHash(hash).view).toBe("compare");
});

test("the live view takes gateway and token from the hash", () => {
  expect(routeFromHash("#live?gateway=http%3A%2F%2F127.0.0.1%3A10000%2F.tidegate&token=a%26b")).toEqual({
    view: "live",
    gateway: "http://127.0.0.1:10000/.tidegate",
    token: "a&b",
  });
});

test("a gateway need not be encoded, as long as it has no & in it", () => {
  expect(routeFromHash("#live?gateway=http://127.0.0.1:10000/.tidegate&token=t").gateway).toBe(
    "http://127.0.0.1:10000/.tidegate",
  );
});

test("each view has its hash", () => {
  for (const view of VIEWS) expect(routeFromHash(`#${view}`).view).toBe(view);
});
