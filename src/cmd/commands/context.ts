import type { Command } from "commander";
import { isAbsolute, resolve } from "node:path";
import { parseAddress, readCertificates } from "../connect.ts";
import type { Context } from "../context.ts";
import {
  contextFile,
  contextNamed,
  DEFAULT_CONTEXT,
  readContexts,
  writeContexts,
  type ClusterContext,
} from "../contexts/context-file.ts";
import { CommandError, UsageError } from "../errors.ts";
import { examples } from "../help.ts";
import { addDisplayOptions, DEFAULT_MANAGER, option, type DisplayOptions } from "../options.ts";
import { readAll } from "../task-file.ts";
import { painter } from "../terminal/paint.ts";
import { printDocument } from "../terminal/print.ts";
import { renderFields, renderTable, type Column } from "../terminal/table.ts";
import { parseContextName } from "../values.ts";

interface AddOptions extends DisplayOptions {
  readonly manager?: string;
  readonly token?: string;
  readonly caCert?: string;
  readonly use?: boolean;
  readonly replace?: boolean;
}

/** A context as it is shown: whether it has a token, never which. */
interface Shown {
  readonly name: string;
  readonly current: boolean;
  readonly manager: string;
  readonly hasToken: boolean;
  readonly caCert: string | null;
}

export function configure(command: Command, context: Context): void {
  command.usage("[command] [options]").addHelpText(
    "after",
    examples([
      ["birdman context add prod -m https://10.0.0.1:8080 --ca-cert ca.pem --token …", "name a cluster"],
      ["birdman context use prod", "let every command ask it from now on"],
      ["birdman status --context staging", "another one, this once; also with BIRDMAN_CONTEXT=staging"],
      ["birdman context", "which there are, and which one is in use"],
      [`birdman context use ${DEFAULT_CONTEXT}`, `back to ${DEFAULT_MANAGER}`],
    ]),
  );
  addList(command, context);
  addAdd(command, context);
  addUse(command, context);
  addShow(command, context);
  addRemove(command, context);
}

function addList(command: Command, context: Context): void {
  const list = command.command("list", { isDefault: true }).description("list the contexts");
  addDisplayOptions(list).action(async ({ output, color }: DisplayOptions) => {
    const shown = shownContexts(contextFile(context.env));
    if (output !== "table") return printDocument(context, output, shown);
    const paint = painter(context, context.stdout, color);
    const columns: readonly Column<Shown>[] = [
      { heading: "CURRENT", value: (each) => (each.current ? "*" : ""), paint: (cell) => paint("green", cell) },
      { heading: "NAME", value: ({ name }) => name, shrinkTo: 12 },
      { heading: "MANAGER", value: ({ manager }) => manager, shrinkTo: 16 },
      { heading: "TOKEN", value: ({ hasToken }) => (hasToken ? "yes" : "-") },
      { heading: "CA-CERT", value: ({ caCert }) => caCert ?? "-", shrinkTo: 12 },
    ];
    context.stdout.write(renderTable(columns, shown, context.stdout.columns));
  });
}

function addAdd(command: Command, context: Context): void {
  command
    .command("add")
    .argument("<name>", "what to call it", parseContextName)
    .description("name a cluster; the first one is in use at once")
    .addOption(option("-m, --manager <address>", "its manager, as HOST:PORT or URL"))
    .addOption(option("--token <token>", "the bearer token to show it; - reads it from standard input"))
    .addOption(option("--ca-cert <file>", "certificates (PEM) to trust, the manager's own or its CA's"))
    .addOption(option("--use", "use it from now on"))
    .addOption(option("--replace", "in place of the one of this name"))
    .action(async (name: string, options: AddOptions) => {
      const file = contextFile(context.env);
      const { current, contexts } = readContexts(file);
      if (Object.hasOwn(contexts, name) && options.replace !== true) {
        throw new CommandError(`there is already a context '${name}'; --replace takes its place`);
      }
      const added = await contextOf(options, context);
      const isFirst = Object.keys(contexts).length === 0;
      const used = options.use === true || isFirst ? name : current;
      writeContexts(file, {
        ...(used === undefined ? {} : { current: used }),
        contexts: { ...contexts, [name]: added },
      });
      context.stdout.write(`${name}\n`);
    });
}

function addUse(command: Command, context: Context): void {
  command
    .command("use")
    .argument("<context>", `its name, or ${DEFAULT_CONTEXT} for none`)
    .description("use a context wherever none is named")
    .action((name: string) => {
      const file = contextFile(context.env);
      contextNamed(name, file);
      const { contexts } = readContexts(file);
      writeContexts(file, name === DEFAULT_CONTEXT ? { contexts } : { current: name, contexts });
      context.stdout.write(`${name}\n`);
    });
}

function addShow(command: Command, context: Context): void {
  const show = command
    .command("show")
    .argument("[context]", "its name; without it, the one in use")
    .description("everything about one but its token");
  addDisplayOptions(show).action(async (name: string | undefined, { output, color }: DisplayOptions) => {
    const file = contextFile(context.env);
    if (name !== undefined) contextNamed(name, file);
    const wanted = shownContexts(file).find((each) => (name === undefined ? each.current : each.name === name));
    if (wanted === undefined) throw new CommandError(`the context in use is not in ${file}; see 'birdman context'`);
    if (output !== "table") return printDocument(context, output, wanted);
    const paint = painter(context, context.stdout, color);
    const fields: readonly (readonly [string, string])[] = [
      ["Name", wanted.name],
      ["In use", wanted.current ? "yes" : "no"],
      ["Manager", wanted.manager],
      ["Token", wanted.hasToken ? "yes" : "no"],
      ["CA-cert", wanted.caCert ?? "-"],
      ["File", file],
    ];
    context.stdout.write(renderFields(fields, { name: (field) => paint("bold", field), value: (value) => value }));
  });
}

function addRemove(command: Command, context: Context): void {
  command
    .command("remove")
    .argument("<context...>", "their names")
    .description("forget contexts")
    .action((names: readonly string[]) => {
      const file = contextFile(context.env);
      for (const name of names) {
        if (name === DEFAULT_CONTEXT) throw new UsageError(`'${DEFAULT_CONTEXT}' stands for no context, and stays`);
        contextNamed(name, file);
      }
      const { current, contexts } = readContexts(file);
      const kept = Object.fromEntries(Object.entries(contexts).filter(([name]) => !names.includes(name)));
      const isKept = current !== undefined && Object.hasOwn(kept, current);
      writeContexts(file, { ...(isKept ? { current } : {}), contexts: kept });
      context.stdout.write(names.map((name) => `${name}\n`).join(""));
      if (current !== undefined && !isKept) {
        context.stderr.write(
          `birdman: none is in use now, commands ask ${DEFAULT_MANAGER}; see 'birdman context use'\n`,
        );
      }
    });
}

/** What the flags say, checked as far as that goes without asking anyone. */
async function contextOf({ manager, token, caCert }: AddOptions, context: Context): Promise<ClusterContext> {
  if (manager === undefined) throw new UsageError("say where its manager is with --manager HOST:PORT");
  parseAddress(manager, "http");
  if (caCert !== undefined) readCertificates(caCert);
  const secret = token === "-" ? (await readAll(context.stdin)).trim() : token;
  if (secret === "") throw new UsageError("the token is empty");
  return {
    manager,
    ...(secret === undefined ? {} : { token: secret }),
    ...(caCert === undefined ? {} : { caCert: isAbsolute(caCert) ? caCert : resolve(caCert) }),
  };
}

function shownContexts(file: string): Shown[] {
  const { current = DEFAULT_CONTEXT, contexts } = readContexts(file);
  const all: readonly (readonly [string, ClusterContext])[] = [
    [DEFAULT_CONTEXT, { manager: DEFAULT_MANAGER }],
    ...Object.entries(contexts),
  ];
  return all.map(([name, { manager, token, caCert }]) => ({
    name,
    current: name === current,
    manager,
    hasToken: token !== undefined,
    caCert: caCert ?? null,
  }));
}
