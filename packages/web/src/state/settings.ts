/** What belongs to the person and not to the view: kept in this browser, never in the URL. */
import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
export type Density = "compact" | "comfortable";

const KEY = "dropscope.settings";

interface Settings {
  theme: Theme;
  utc: boolean;
  density: Density;
}

function read(): Settings {
  const kept: Partial<Record<string, unknown>> = {};
  try {
    Object.assign(kept, JSON.parse(localStorage.getItem(KEY) ?? "{}"));
  } catch {
    // Storage may be off, or hold something else: the defaults are good.
  }
  return {
    theme: kept["theme"] === "light" || kept["theme"] === "dark" ? kept["theme"] : "system",
    utc: kept["utc"] === true,
    density: kept["density"] === "comfortable" ? "comfortable" : "compact",
  };
}

const first = read();
export const theme = signal<Theme>(first.theme);
export const utc = signal(first.utc);
export const density = signal<Density>(first.density);

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(prefersDark.matches);
prefersDark.addEventListener("change", (event) => {
  systemDark.value = event.matches;
});

/** Charts draw on canvas and must be told. */
export function isDark(): boolean {
  return theme.value === "system" ? systemDark.value : theme.value === "dark";
}

export function startSettings(): void {
  effect(() => {
    document.documentElement.dataset["theme"] = isDark() ? "dark" : "light";
    document.documentElement.dataset["density"] = density.value;
    const kept: Settings = { theme: theme.value, utc: utc.value, density: density.value };
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // A private window without storage keeps the setting for this visit only.
    }
  });
}
