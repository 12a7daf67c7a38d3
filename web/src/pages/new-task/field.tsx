/** One field of the form: a member of the draft, written as a text. */
import { type ChangeEvent, useId, useState } from "react";
import type { FieldError } from "../../../../src/api/problems.ts";
import type { Codec } from "./codecs.ts";
import { type Draft, memberOf, withMember } from "./draft.ts";

export interface FormState {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  /** Of the whole draft. */
  readonly errors: readonly FieldError[];
  /** A text that cannot be read stays in its field, and keeps the draft from being sent; undefined when it can. */
  readonly onUnreadable: (path: string, message: string | undefined) => void;
}

interface FieldProps {
  readonly form: FormState;
  /** JSON pointer of the member. */
  readonly path: string;
  readonly label: string;
  readonly codec: Codec;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly isLong?: boolean;
  /** Where the choice is among a few. */
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
}

export function Field({ form, path, label, codec, hint, placeholder, isLong = false, choices }: FieldProps) {
  const id = useId();
  const written = codec.format(memberOf(form.draft, path));
  const [typed, setTyped] = useState(written);
  const [seen, setSeen] = useState(written);
  const [unreadable, setUnreadable] = useState<string>();
  // The member was changed elsewhere: by the editor, or by being read back otherwise than it was typed.
  if (seen !== written) {
    setSeen(written);
    if (written !== formatted(codec, typed)) setTyped(written);
  }
  const change = (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) => {
    const next = event.target.value;
    setTyped(next);
    const reading = codec.parse(next);
    const problem = "error" in reading ? reading.error : undefined;
    setUnreadable(problem);
    form.onUnreadable(path, problem);
    if ("value" in reading) form.onChange(withMember(form.draft, path, reading.value));
  };
  const errors = unreadable === undefined ? messagesAt(form.errors, path) : [unreadable];
  const control = {
    id,
    className: "input",
    value: typed,
    placeholder,
    "aria-invalid": errors.length > 0,
    "aria-describedby": `${id}hint ${id}error`,
    onChange: change,
  } as const;
  return (
    <div className={isLong ? "field full" : "field"}>
      <label htmlFor={id}>{label}</label>
      <Control control={control} isLong={isLong} choices={choices} />
      {hint === undefined ? null : (
        <span className="field-hint" id={`${id}hint`}>
          {hint}
        </span>
      )}
      <span className="field-error" id={`${id}error`} hidden={errors.length === 0}>
        {errors.join("; ")}
      </span>
    </div>
  );
}

interface ControlProps extends Pick<FieldProps, "isLong"> {
  readonly choices: FieldProps["choices"] | undefined;
  readonly control: {
    readonly id: string;
    readonly className: string;
    readonly value: string;
    readonly placeholder: string | undefined;
    readonly onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) => void;
  };
}

function Control({ control, isLong = false, choices }: ControlProps) {
  if (choices !== undefined) {
    const { placeholder: _placeholder, ...select } = control;
    return (
      <select {...select}>
        {choices.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    );
  }
  return isLong ? (
    <textarea {...control} spellCheck={false} rows={2} />
  ) : (
    <input {...control} type="text" spellCheck={false} autoComplete="off" />
  );
}

/** What the text would be written as; nothing, where it cannot be read. */
function formatted(codec: Codec, typed: string): string | undefined {
  const reading = codec.parse(typed);
  return "value" in reading ? codec.format(reading.value) : undefined;
}

/** Of the member itself and of what is in it, which says where. */
function messagesAt(errors: readonly FieldError[], path: string): string[] {
  return errors
    .filter((error) => error.path === path || error.path.startsWith(`${path}/`))
    .map((error) => (error.path === path ? error.message : `${error.path.slice(path.length + 1)} ${error.message}`));
}
