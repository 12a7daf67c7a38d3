/** What the keys do. */
import type { ReactNode } from "react";
import { Dialog } from "../components/dialog.tsx";
import { Facts } from "../components/page.tsx";
import { useObservable } from "./observable.ts";
import { PAGES } from "./pages.ts";
import { singleKeys } from "./preferences.ts";

export function HelpDialog({ onClose }: { readonly onClose: () => void }) {
  const isOn = useObservable(singleKeys);
  const pages = PAGES.map(({ title, key }): [string, ReactNode] => [title, <Keys key={key} keys={["g", key]} />]);
  const facts = {
    "Find tasks, nodes, actions": (
      <>
        <Keys keys={["Ctrl", "K"]} /> or <Keys keys={["/"]} />
      </>
    ),
    ...Object.fromEntries(pages),
    "New task": <Keys keys={["c"]} />,
    "Light or dark": <Keys keys={["d"]} />,
    "This help": <Keys keys={["?"]} />,
    "Through a list": (
      <>
        <Keys keys={["↑"]} /> <Keys keys={["↓"]} />, <Keys keys={["Enter"]} /> opens
      </>
    ),
    "Close a dialog": <Keys keys={["Esc"]} />,
  };
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <Facts facts={facts} />
      <label className="checkbox">
        <input type="checkbox" checked={isOn} onChange={(event) => singleKeys.set(event.target.checked)} />
        Single keys do something (Ctrl K always does)
      </label>
    </Dialog>
  );
}

function Keys({ keys }: { readonly keys: readonly string[] }) {
  return (
    <>
      {keys.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </>
  );
}
