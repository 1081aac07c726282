import { useEffect, useState } from "preact/hooks";

import { formatAgo, formatSeconds } from "../lib/format";
import { Icon } from "../ui/icon";
import type { LiveAction, LiveState } from "./state";

interface Props {
  state: LiveState;
  gateway: string;
  act: (action: LiveAction) => void;
}

/** Where the data comes from, and how fresh it is. */
export function ConnectionBar({ state, gateway, act }: Props) {
  const { isPaused } = state;
  const nowMillis = useNowMillis();
  const { tone, word, detail, problem } = describe(state, nowMillis);
  return (
    <div class="connection">
      <p class="connection-state">
        <span class={`lamp lamp-${tone}`} aria-hidden="true" />
        <strong role="status">{word}</strong>
        <span class="quiet">{detail}</span>
      </p>
      <span class="connection-gateway quiet">{gateway}</span>
      <button
        type="button"
        class="button"
        aria-pressed={isPaused}
        onClick={() => act({ type: isPaused ? "resume" : "pause" })}
      >
        <Icon name={isPaused ? "play" : "pause"} size={12} /> {isPaused ? "Resume" : "Pause"}
      </button>
      <button type="button" class="button" onClick={() => act({ type: "disconnect" })}>
        Disconnect
      </button>
      {problem !== null && <p class="connection-problem">{problem}</p>}
    </div>
  );
}

interface Description {
  tone: "live" | "waiting" | "lost" | "paused";
  word: string;
  detail: string;
  /** Why, where something is wrong. */
  problem: string | null;
}

/** The state of the connection in words. */
export function describe(state: LiveState, nowMillis: number): Description {
  const { connection, isPaused, seenAtMillis, snapshot } = state;
  const seen =
    snapshot === null
      ? "nothing seen yet"
      : `last seen ${formatAgo(Math.max(0, (nowMillis - seenAtMillis) / 1000))}`;
  if (connection.state === "refused")
    return { tone: "lost", word: "Refused", detail: seen, problem: connection.message };
  if (isPaused) return { tone: "paused", word: "Paused", detail: seen, problem: null };
  switch (connection.state) {
    case "connecting":
      return { tone: "waiting", word: "Connecting", detail: "", problem: null };
    case "live":
      return { tone: "live", word: "Live", detail: "updated every 2 seconds", problem: null };
    case "lost": {
      const wait = Math.max(0, Math.ceil((connection.retryAtMillis - nowMillis) / 1000));
      const retry = wait === 0 ? "trying again now" : `trying again in ${formatSeconds(wait)}`;
      return {
        tone: "lost",
        word: "Connection lost",
        detail: `${seen}, ${retry}`,
        problem: connection.message,
      };
    }
  }
}

/** The clock of the page, once a second. */
function useNowMillis(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
