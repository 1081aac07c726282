import { useEffect } from "preact/hooks";

import { ConnectForm } from "./connect-form";
import { ConnectionBar } from "./connection-bar";
import { Dashboard } from "./dashboard";
import type { Target } from "./gateway";
import { useLive } from "./use-live";

interface Props {
  active: boolean;
  /** From the address; empty where it names none. */
  gateway: string;
  token: string;
}

/** A gateway as it runs. */
export function LiveView({ active, gateway, token }: Props) {
  const [state, act] = useLive(active);
  const { target, connection, snapshot } = state;

  useEffect(() => {
    if (gateway !== "" && token !== "") act({ type: "connect", target: { gateway, token } });
  }, [gateway, token]);

  const connect = (next: Target) => {
    // The token stays out of the address, which ends up in histories and screenshots.
    history.replaceState(null, "", `#live?${new URLSearchParams({ gateway: next.gateway })}`);
    act({ type: "connect", target: next });
  };

  if (target === null || (connection.state === "refused" && snapshot === null)) {
    const error = target !== null && connection.state === "refused" ? connection.message : null;
    return <ConnectForm gateway={target?.gateway ?? gateway} error={error} onConnect={connect} />;
  }
  return (
    <div class="live">
      <ConnectionBar state={state} gateway={target.gateway} act={act} />
      {snapshot === null ? (
        <p class="waiting quiet">Waiting for the first snapshot.</p>
      ) : (
        <div class={connection.state === "lost" || connection.state === "refused" ? "stale" : undefined}>
          <Dashboard
            snapshot={snapshot}
            history={state.history}
            modelName={state.modelName}
            onModel={(modelName) => act({ type: "choose_model", modelName })}
          />
        </div>
      )}
    </div>
  );
}
