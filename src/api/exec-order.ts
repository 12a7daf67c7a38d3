/** What whoever runs a command inside a task may say, checked; see `exec-frames.ts`. Apart from it, since only a worker checks. */
import { Type } from "typebox";
import { Compile } from "typebox/compile";

export const TerminalSizeSchema = Type.Object({
  columns: Type.Integer({ minimum: 1, maximum: 65_535 }),
  rows: Type.Integer({ minimum: 1, maximum: 65_535 }),
});

export type TerminalSize = Type.Static<typeof TerminalSizeSchema>;

/** What to run inside the task. */
export const ExecRequestSchema = Type.Object(
  {
    command: Type.Array(Type.String(), { minItems: 1, maxItems: 10_000 }),
    /** It gets a terminal of this size; absent: none. */
    terminal: Type.Optional(TerminalSizeSchema),
    /** There will be input. */
    stdin: Type.Optional(Type.Boolean()),
    user: Type.Optional(Type.String({ minLength: 1 })),
    workingDir: Type.Optional(Type.String({ minLength: 1 })),
    env: Type.Optional(Type.Record(Type.String({ minLength: 1 }), Type.String())),
  },
  { additionalProperties: false },
);

export type ExecRequest = Type.Static<typeof ExecRequestSchema>;

/** Signals that can be sent to what runs. */
export const EXEC_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGKILL", "SIGUSR1", "SIGUSR2"] as const;
export type ExecSignal = (typeof EXEC_SIGNALS)[number];

const ExecOrderSchema = Type.Union([
  /** The first message, and once. */
  Type.Object({ kind: Type.Literal("start"), request: ExecRequestSchema }),
  Type.Object({ kind: Type.Literal("resize"), size: TerminalSizeSchema }),
  Type.Object({ kind: Type.Literal("signal"), signal: Type.Enum([...EXEC_SIGNALS]) }),
  /** There is no more input. */
  Type.Object({ kind: Type.Literal("end") }),
]);

export type ExecOrder = Type.Static<typeof ExecOrderSchema>;

const orders = Compile(ExecOrderSchema);

/** Undefined for what is no order. */
export function decodeExecOrder(text: string): ExecOrder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return orders.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
