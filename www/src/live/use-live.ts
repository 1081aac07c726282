import { useEffect, useReducer } from "preact/hooks";

import { askSnapshot } from "./gateway";
import { INITIAL, type LiveAction, type LiveState, POLL_MILLIS, reduce, waitMillis } from "./state";

/** The state of the live view; it asks the gateway as long as the view is shown and not paused. */
export function useLive(active: boolean): [LiveState, (action: LiveAction) => void] {
  const [state, dispatch] = useReducer(reduce, INITIAL);
  const { target, isPaused, failures } = state;
  const isPolling = active && !isPaused && target !== null && state.connection.state !== "refused";

  useEffect(() => {
    if (!isPolling || target === null) return;
    const stopped = new AbortController();
    let timer: number | undefined;
    let missed = failures;
    const ask = async () => {
      const answer = await askSnapshot(target, stopped.signal);
      if (stopped.signal.aborted) return;
      dispatch({ type: "answer", answer, atMillis: Date.now() });
      missed = answer.type === "snapshot" ? 0 : missed + 1;
      if (answer.type !== "refused")
        timer = window.setTimeout(ask, missed === 0 ? POLL_MILLIS : waitMillis(missed));
    };
    void ask();
    return () => {
      stopped.abort();
      clearTimeout(timer);
    };
  }, [isPolling, target]);

  return [state, dispatch];
}
