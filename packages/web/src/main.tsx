import { render } from "preact";
import { App } from "./app.js";
import { startKeys } from "./parts/keys.js";
import { startCopyFull } from "./parts/text.js";
import { startClock } from "./state/clock.js";
import { startDetail } from "./state/detail.js";
import { startHistory } from "./state/history.js";
import { startLive } from "./state/live.js";
import { startNav } from "./state/nav.js";
import { startProblems } from "./state/problems.js";
import { startSettings } from "./state/settings.js";

startSettings();
startNav();
startClock();
startProblems();
startLive();
startHistory();
startDetail();
startKeys();
startCopyFull();

const root = document.getElementById("app");
if (root) {
  root.replaceChildren();
  render(<App />, root);
}
