import { useEffect, useState } from "preact/hooks";

import { ErrorMessage } from "../ui/message";
import type { Target } from "./gateway";

interface Props {
  gateway: string;
  error: string | null;
  onConnect: (target: Target) => void;
}

/** Asks for a gateway and its token. */
export function ConnectForm({ gateway, error, onConnect }: Props) {
  const [address, setAddress] = useState(gateway);
  const [token, setToken] = useState("");
  useEffect(() => setAddress(gateway), [gateway]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onConnect({ gateway: address.trim(), token: token.trim() });
  };
  return (
    <form class="connect" onSubmit={submit}>
      <div class="introduction">
        <h1>What is the model doing now?</h1>
        <p>
          Point this page at a gateway that runs Tidegate: requests, latency, predictions, variants and drift,
          as they come.
        </p>
      </div>
      <label>
        Gateway
        <input
          type="url"
          required
          autocomplete="url"
          placeholder="http://127.0.0.1:10000/.tidegate"
          value={address}
          onInput={(event) => setAddress(event.currentTarget.value)}
        />
        <small>Its address with the admin.path of the plugin's config.</small>
      </label>
      <label>
        Token
        <input
          type="password"
          required
          autocomplete="off"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <small>The admin.token of the plugin's config. It is kept in this tab's memory only.</small>
      </label>
      {error !== null && <ErrorMessage>{error}</ErrorMessage>}
      <button type="submit" class="button button-main">
        Connect
      </button>
    </form>
  );
}
