/** Modal dialogs, on the browser's own `<dialog>`: it keeps the focus inside and gives it back, and Escape closes it. */
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { showFailure } from "./toasts.tsx";
import { Icon } from "./icon.tsx";
import "./dialog.css";

interface DialogProps {
  readonly title: string;
  /** Absent where it has to be answered. */
  readonly onClose?: (() => void) | undefined;
  readonly wide?: boolean;
  readonly footer?: ReactNode;
  readonly children: ReactNode;
}

/** Open as long as it is rendered. The focus begins at what has `data-first-focus`, else at its first control. */
export function Dialog({ title, onClose, wide = false, footer, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLElement>("[data-first-focus]")?.focus();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={wide ? "dialog wide" : "dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClick={(event) => {
        // The backdrop belongs to the dialog's box; what is in it lies in elements of its own.
        if (event.target === dialog.current) onClose?.();
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        {onClose === undefined ? null : (
          <button type="button" className="button quiet small icon-only" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        )}
      </header>
      <div className="content">{children}</div>
      {footer === undefined ? null : <footer>{footer}</footer>}
    </dialog>
  );
}

interface ConfirmDialogProps {
  readonly title: string;
  /** What the button does, in a word: `Stop`. */
  readonly verb: string;
  readonly isDangerous?: boolean;
  readonly wide?: boolean;
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
  /** Once it is done; closes, without it. */
  readonly onDone?: () => void;
  readonly children: ReactNode;
}

/** Asks before something is done; closes when it is done, stays and says why when it is not. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, verb, isDangerous = false, wide = false, onConfirm, onClose, onDone = onClose, children } = props;
  const [isBusy, setBusy] = useState(false);
  const confirm = () => {
    setBusy(true);
    onConfirm().then(onDone, (error: unknown) => {
      setBusy(false);
      showFailure(error);
    });
  };
  const footer = (
    <>
      <button type="button" className="button" onClick={onClose} data-first-focus>
        Cancel
      </button>
      <button
        type="button"
        className={isDangerous ? "button danger solid" : "button primary"}
        disabled={isBusy}
        onClick={confirm}
      >
        {verb}
      </button>
    </>
  );
  return (
    <Dialog title={title} onClose={onClose} wide={wide} footer={footer}>
      {children}
    </Dialog>
  );
}
