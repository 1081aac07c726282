import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

import { CompareView } from "./compare/compare-view";
import { ExperimentView } from "./experiment/experiment-view";
import { ExplainView } from "./explain/explain-view";
import { LiveView } from "./live/live-view";
import { QualityView } from "./quality/quality-view";
import { type Route, routeFromHash, type View } from "./route";
import { TrainingView } from "./training/training-view";
import { Header } from "./ui/header";

/** The views that need to know nothing of the page but whether they are open. */
const OTHERS: readonly (readonly [View, ComponentType<{ active: boolean }>])[] = [
  ["quality", QualityView],
  ["experiment", ExperimentView],
  ["training", TrainingView],
  ["explain", ExplainView],
];

/** The page: a header and one of its views. A view that is left keeps its state. */
export function App() {
  const route = useRoute();
  return (
    <>
      <a class="skip-link" href="#main" onClick={focusMain}>
        Skip to content
      </a>
      <Header view={route.view} />
      <main id="main" tabIndex={-1}>
        <div hidden={route.view !== "compare"}>
          <CompareView active={route.view === "compare"} />
        </div>
        {OTHERS.map(([view, View]) => (
          <div key={view} hidden={route.view !== view}>
            <View active={route.view === view} />
          </div>
        ))}
        <div hidden={route.view !== "live"}>
          <LiveView active={route.view === "live"} gateway={route.gateway} token={route.token} />
        </div>
      </main>
      <footer class="footer">
        <p>
          Files are read and compared in this tab. Nothing is sent anywhere; the live view talks only to the
          gateway you name.
        </p>
      </footer>
    </>
  );
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => routeFromHash(location.hash));
  useEffect(() => {
    const read = () => setRoute(routeFromHash(location.hash));
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  return route;
}

/** The hash is the route, so the link moves the focus itself. */
function focusMain(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
