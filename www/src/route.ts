/** Which view the address names: `#compare`, `#quality` and others, or `#live?gateway=…&token=…`. */

/** The views, in the order of the header. */
export const VIEWS = ["compare", "quality", "experiment", "training", "explain", "live"] as const;

export type View = (typeof VIEWS)[number];

export interface Route {
  view: View;
  /** Base of the admin API, such as `http://127.0.0.1:10000/.tidegate`; empty where none is given. */
  gateway: string;
  /** Bearer token; empty where none is given. */
  token: string;
}

/** Reads a location hash. Anything unknown is the first view. */
export function routeFromHash(hash: string): Route {
  const [name = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const view = VIEWS.find((view) => view === name) ?? "compare";
  if (view !== "live") return { view, gateway: "", token: "" };
  const params = new URLSearchParams(query);
  return { view, gateway: params.get("gateway") ?? "", token: params.get("token") ?? "" };
}
