/** Light, dark, or as the machine has it. */
import { Observable } from "./observable.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const STORAGE_KEY = "birdman.theme";

export const theme = new Observable<Theme>(stored());

function stored(): Theme {
  const word = localStorage.getItem(STORAGE_KEY);
  return THEMES.find((each) => each === word) ?? "system";
}

function apply(): void {
  const chosen = theme.get();
  if (chosen === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = chosen;
}

theme.subscribe(() => {
  localStorage.setItem(STORAGE_KEY, theme.get());
  apply();
});
apply();

/** The next of the three. */
export function nextTheme(): Theme {
  return THEMES[(THEMES.indexOf(theme.get()) + 1) % THEMES.length] ?? "system";
}

/** Calls the listener whenever colours are others than before, by the switch or by the machine; the canvases redraw. */
export function onColours(listener: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", listener);
  const unsubscribe = theme.subscribe(listener);
  return () => {
    dark.removeEventListener("change", listener);
    unsubscribe();
  };
}
