/** What the user of the live screen has chosen, as a pure function of the keys. */
export const SORTS = ["cpu", "memory", "state", "name", "node", "age"] as const;
export type Sort = (typeof SORTS)[number];

export interface TopState {
  readonly list: "tasks" | "nodes";
  readonly sort: Sort;
  readonly reversed: boolean;
  /** What rows have to contain. */
  readonly filter: string;
  /** Whether keys go into the filter. */
  readonly isTyping: boolean;
  /** What the cursor is on: the id of a task, or the name of a node. Undefined before it has moved. */
  readonly cursor: string | undefined;
  /** The task (by id) or the node (by name) that is looked at closely, and the first line shown of it. */
  readonly detail: { readonly key: string; readonly line: number } | undefined;
}

export const FIRST: TopState = {
  list: "tasks",
  sort: "cpu",
  reversed: false,
  filter: "",
  isTyping: false,
  cursor: undefined,
  detail: undefined,
};

/** What the keys refer to. */
export interface TopView {
  /** Ids of the tasks, or names of the nodes, as they are listed. */
  readonly rows: readonly string[];
  /** Rows of a page. */
  readonly page: number;
}

/** The state after the key, undefined when it ends the screen. */
export function press(state: TopState, key: string, view: TopView): TopState | undefined {
  if (key === "interrupt") return undefined;
  if (state.isTyping) return type(state, key);
  if (state.detail !== undefined) return pressInDetail(state, state.detail, { key, page: view.page });
  switch (key) {
    case "q":
      return undefined;
    case "escape":
      return { ...state, filter: "" };
    case "tab":
      return { ...state, list: state.list === "tasks" ? "nodes" : "tasks", filter: "", cursor: undefined };
    case "s":
      return { ...state, sort: SORTS[(SORTS.indexOf(state.sort) + 1) % SORTS.length] ?? "cpu", reversed: false };
    case "r":
      return { ...state, reversed: !state.reversed };
    case "/":
      return { ...state, isTyping: true };
    case "enter": {
      const chosen = view.rows[rowOf(state, view.rows)];
      return chosen === undefined ? state : { ...state, detail: { key: chosen, line: 0 } };
    }
    default: {
      const step = stepOf(key, view.page);
      if (step === 0) return state;
      const row = Math.min(view.rows.length - 1, rowOf(state, view.rows) + step);
      return { ...state, cursor: view.rows[Math.max(0, row)] };
    }
  }
}

/** Where the cursor is: it stays on its task when the order changes, and is on the first when that is gone. */
export function rowOf({ cursor }: TopState, rows: readonly string[]): number {
  return cursor === undefined ? 0 : Math.max(0, rows.indexOf(cursor));
}

function type(state: TopState, key: string): TopState {
  if (key === "enter") return { ...state, isTyping: false };
  if (key === "escape") return { ...state, isTyping: false, filter: "" };
  if (key === "backspace") return { ...state, filter: state.filter.replace(/.$/u, "") };
  return /^[\P{Cc}]$/u.test(key) ? { ...state, filter: state.filter + key } : state;
}

function pressInDetail(
  state: TopState,
  { key: shown, line }: NonNullable<TopState["detail"]>,
  { key, page }: { readonly key: string; readonly page: number },
): TopState {
  if (key === "q" || key === "escape" || key === "enter") return { ...state, detail: undefined };
  return { ...state, detail: { key: shown, line: Math.max(0, line + stepOf(key, page)) } };
}

/** Rows that the key moves down. */
function stepOf(key: string, page: number): number {
  switch (key) {
    case "up":
    case "k":
      return -1;
    case "down":
    case "j":
      return 1;
    case "page-up":
      return -page;
    case "page-down":
      return page;
    case "home":
      return Number.NEGATIVE_INFINITY;
    case "end":
      return Number.MAX_SAFE_INTEGER;
    default:
      return 0;
  }
}
