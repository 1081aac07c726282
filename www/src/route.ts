/** Which view the address names: `#compare`, or `#live?gateway=…&token=…`. */

export interface Route {
  view: "compare" | "live";
  /** Base of the admin API, such as `http://127.0.0.1:10000/.tidegate`; empty where none is given. */
  gateway: string;
  /** Bearer token; empty where none is given. */
  token: string;
}

/** Reads a location hash. Anything unknown is the first view. */
export function routeFromHash(hash: string): Route {
  const [view = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  if (view !== "live") return { view: "compare", gateway: "", token: "" };
  const params = new URLSearchParams(query);
  return { view, gateway: params.get("gateway") ?? "", token: params.get("token") ?? "" };
}
