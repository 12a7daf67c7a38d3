/** What a person sets for this browser, kept in its local storage. */
import { Observable } from "./observable.ts";

const SHORTCUTS_KEY = "birdman.shortcuts";

/** Whether single keys do something: whoever dictates, or hits keys by accident, turns them off (WCAG 2.1.4). */
export const singleKeys = new Observable(localStorage.getItem(SHORTCUTS_KEY) !== "off");
singleKeys.subscribe(() => localStorage.setItem(SHORTCUTS_KEY, singleKeys.get() ? "on" : "off"));
