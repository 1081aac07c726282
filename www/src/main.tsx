import { render } from "preact";

import { App } from "./app";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/plots.css";
import "./styles/compare.css";
import "./styles/live.css";
import "./styles/analysis.css";

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
