/** A new task: a form and an editor of the same thing, checked as it is written, with a preview of where it would go. */
import { useQuery } from "@tanstack/react-query";
import { type SyntheticEvent, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { persistently } from "../../app/persistently.ts";
import { randomKey } from "../../app/random-key.ts";
import { taskHref } from "../../app/pages.ts";
import { counted } from "../../components/format.ts";
import { Page } from "../../components/page.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { showFailure, showSuccess, messageOf } from "../../components/toasts.tsx";
import { useClient } from "../../live/live-context.tsx";
import { type Draft, draftOf, errorsOf, isOneTask, type Language, readText, writeText } from "./draft.ts";
import { errorsIn, Preview } from "./preview.tsx";
import { TaskForm } from "./task-form.tsx";
import type { FieldError } from "../../../../src/api/problems.ts";
import "./new-task.css";

type Mode = "form" | Language;

const MODES = [
  { value: "form", label: "Form" },
  { value: "yaml", label: "YAML" },
  { value: "json", label: "JSON" },
] as const;

/** The manager is asked where it would go once nothing was typed for so long. */
const SETTLED_MS = 300;

export function NewTask() {
  const [search] = useSearchParams();
  const like = search.get("like");
  const client = useClient();
  const model = useQuery({
    queryKey: ["like", like],
    queryFn: async ({ signal }) => draftOf((await client.task(like ?? "", { signal })).spec),
    enabled: like !== null,
  });
  if (like !== null && model.isLoading) return <p className="loading">Loading…</p>;
  return <NewTaskEditor key={like} initial={model.data ?? {}} />;
}

function NewTaskEditor({ initial }: { readonly initial: Draft }) {
  const [mode, setMode] = useState<Mode>("form");
  const [value, setValue] = useState<unknown>(initial);
  const [text, setText] = useState("");
  const [unreadable, setUnreadable] = useState<Readonly<Record<string, string>>>({});
  const [refused, setRefused] = useState<readonly FieldError[]>([]);
  const submit = useSubmit(setRefused);
  const isEmpty = isOneTask(value) && Object.keys(value).length === 0;
  const found = useMemo(() => errorsOf(value), [value]);
  const problems = Object.entries(unreadable).map(([path, message]) => ({ path, message }));
  const errors = isEmpty ? problems : [...problems, ...found, ...refused];
  const isReady = !isEmpty && problems.length === 0 && found.length === 0;
  const json = useSettled(isReady ? JSON.stringify(value) : undefined);
  const change = useCallback((next: unknown) => {
    setRefused([]);
    setValue(next);
  }, []);
  const onUnreadable = useCallback((path: string, message: string | undefined) => {
    setUnreadable(({ [path]: _before, ...others }) =>
      message === undefined ? others : { ...others, [path]: message },
    );
  }, []);
  const changeMode = (next: Mode) => {
    // What cannot be read is left behind with the editor that it was typed into.
    setUnreadable({});
    if (next !== "form") setText(isEmpty ? "" : writeText(value, next));
    setMode(next);
  };
  const changeText = (next: string) => {
    setText(next);
    try {
      change(readText(next));
      setUnreadable({});
    } catch (error) {
      setUnreadable({ "": messageOf(error).split("\n")[0] ?? "" });
    }
  };
  return (
    <Page
      title="New task"
      actions={<Segmented label="Written as" choices={MODES} value={mode} onChange={changeMode} />}
    >
      <form
        className="task-writing"
        onSubmit={(event: SyntheticEvent) => {
          event.preventDefault();
          if (isReady) submit.start(JSON.stringify(value));
        }}
      >
        <section className="panel" aria-label="The task">
          <div className="body stack">
            <Written
              mode={mode}
              value={value}
              text={text}
              errors={errors}
              onChange={change}
              onText={changeText}
              onUnreadable={onUnreadable}
            />
            <div className="toolbar">
              <button type="submit" className="button primary" disabled={!isReady || submit.isBusy}>
                {Array.isArray(value) ? `Start ${counted(value.length, "task")}` : "Start task"}
              </button>
              {isReady || isEmpty ? null : (
                <span className="muted">{counted(problems.length + found.length, "thing")} to put right first</span>
              )}
            </div>
          </div>
        </section>
        <Preview json={json} errors={errors} />
      </form>
    </Page>
  );
}

interface WrittenProps {
  readonly mode: Mode;
  readonly value: unknown;
  readonly text: string;
  readonly errors: readonly FieldError[];
  readonly onChange: (value: unknown) => void;
  readonly onText: (text: string) => void;
  readonly onUnreadable: (path: string, message: string | undefined) => void;
}

function Written({ mode, value, text, errors, onChange, onText, onUnreadable }: WrittenProps) {
  if (mode !== "form") {
    return (
      <div className="editor">
        <textarea
          aria-label={`The task in ${mode.toUpperCase()}`}
          aria-invalid={errors.length > 0}
          spellCheck={false}
          autoCapitalize="off"
          placeholder={PLACEHOLDERS[mode]}
          value={text}
          onChange={(event) => onText(event.target.value)}
        />
        <p className="muted small">
          A task, a list of tasks, or an event of Cube's. The form and the editor are the same thing.
        </p>
      </div>
    );
  }
  if (!isOneTask(value)) {
    return (
      <div className="notice warning">
        <span>The editor holds what the form cannot show: a list of tasks, or an event. Go on there.</span>
      </div>
    );
  }
  return <TaskForm form={{ draft: value, onChange, errors, onUnreadable }} />;
}

const PLACEHOLDERS = {
  yaml: "name: web\nimage: nginx:1.27\nports:\n  - container: 80\nhealth:\n  http:\n    path: /\n",
  json: '{\n  "name": "web",\n  "image": "nginx:1.27"\n}\n',
} as const;

/** Sends it once: what is sent again after a lost answer is known by its key. */
function useSubmit(onRefused: (errors: readonly FieldError[]) => void) {
  const client = useClient();
  const [, navigate] = useLocation();
  const [isBusy, setBusy] = useState(false);
  const key = useRef<{ readonly json: string; readonly key: string }>(undefined);
  const send = async (json: string, idempotencyKey: string) => {
    const answer = await persistently(async () => client.submitJson(json, { idempotencyKey }));
    const one = "id" in answer ? answer : undefined;
    showSuccess(one === undefined ? "All are accepted" : `${one.name} is accepted`);
    navigate(one === undefined ? "/tasks" : taskHref(one.id));
  };
  const start = (json: string) => {
    if (key.current?.json !== json) key.current = { json, key: randomKey() };
    setBusy(true);
    send(json, key.current.key)
      .catch((error: unknown) => {
        showFailure(error);
        onRefused(errorsIn(error));
      })
      .finally(() => setBusy(false));
  };
  return { start, isBusy };
}

/** The value, once it has stayed the same for a moment. */
function useSettled(value: string | undefined): string | undefined {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return useDeferredValue(value === undefined ? undefined : settled);
}
