/** The command palette: type a few letters of a task, a node, a page or a deed, and go there. */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useLocation } from "wouter";
import { Icon } from "../components/icon.tsx";
import { useCluster } from "../live/live-context.tsx";
import { type PaletteEntry, paletteEntries } from "./palette-entries.ts";
import "./palette.css";

export function Palette({ onClose }: { readonly onClose: () => void }) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const [, navigate] = useLocation();
  const entries = paletteEntries(useCluster(), text);
  const active = Math.min(chosen, entries.length - 1);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [active, text]);
  const open = ({ to }: PaletteEntry) => {
    onClose();
    if (typeof to === "string") navigate(to);
    else to();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const entry = entries[active];
    if (event.key === "Enter" && entry !== undefined) open(entry);
    else if (event.key === "ArrowDown") setChosen((active + 1) % Math.max(1, entries.length));
    else if (event.key === "ArrowUp") setChosen((active - 1 + entries.length) % Math.max(1, entries.length));
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      className="palette"
      aria-label="Search and commands"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <input
        className="palette-input"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}list`}
        aria-activedescendant={entries.length === 0 ? undefined : `${id}${String(active)}`}
        aria-label="Find a task, a node, a page, or type: logs, stop, drain…"
        placeholder="Find a task, a node, a page, or type: logs, stop, drain…"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="palette-list" id={`${id}list`} role="listbox" aria-label="Found" ref={list}>
        {entries.map((entry, index) => (
          <div
            key={entry.key}
            id={`${id}${String(index)}`}
            className="palette-item"
            role="option"
            aria-selected={index === active}
            onMouseMove={() => setChosen(index)}
            onClick={() => open(entry)}
          >
            <Icon name={entry.icon} />
            <span className="what">{entry.what}</span>
            <span className="where">{entry.where}</span>
          </div>
        ))}
      </div>
      <p className="palette-foot" role="status">
        {entries.length === 0 ? (
          "Nothing of that name runs now."
        ) : (
          <>
            <kbd>↑</kbd> <kbd>↓</kbd> choose, <kbd>Enter</kbd> opens, <kbd>Esc</kbd> closes
          </>
        )}
      </p>
    </dialog>
  );
}
