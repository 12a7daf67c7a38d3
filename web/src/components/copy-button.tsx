/** Puts a text on the clipboard, and says so for a moment. */
import { useEffect, useState } from "react";
import { showFailure } from "./toasts.tsx";
import { Icon } from "./icon.tsx";

const SAID_FOR_MS = 1500;

interface CopyButtonProps {
  readonly text: string;
  /** What is copied: `the id`. */
  readonly what: string;
}

export function CopyButton({ text, what }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), SAID_FOR_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <button
      type="button"
      className="button quiet small icon-only"
      aria-label={isCopied ? "Copied" : `Copy ${what}`}
      title={`Copy ${what}`}
      onClick={() => {
        copy(text).then(() => setCopied(true), showFailure);
      }}
    >
      <Icon name={isCopied ? "check" : "copy"} />
    </button>
  );
}

/** Browsers have a clipboard for pages of this machine, or over TLS, alone. */
async function copy(text: string): Promise<void> {
  const { clipboard } = navigator as { readonly clipboard?: Clipboard };
  if (clipboard === undefined)
    throw new Error("the browser lets no page copy that came without TLS: mark it and copy it");
  await clipboard.writeText(text);
}

/** A command for a terminal. */
export function Command({ children }: { readonly children: string }) {
  return (
    <span className="command">
      <code>{children}</code>
      <CopyButton text={children} what="the command" />
    </span>
  );
}
