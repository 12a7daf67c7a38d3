import type { Command } from "commander";
import { connect } from "../connect.ts";
import type { Context } from "../context.ts";
import { examples } from "../help.ts";
import { addClientOptions, type ClientOptions } from "../options.ts";
import { printDocument } from "../terminal/print.ts";

interface BrakeOptions extends ClientOptions {
  readonly release?: boolean;
}

export function configure(command: Command, context: Context): void {
  command
    .option("--release", "take it off: the silent nodes are lost indeed, their tasks shall be placed elsewhere")
    .addHelpText(
      "after",
      examples([
        ["birdman brake", "whether the manager holds back, and why"],
        ["birdman brake --release", "give the silent nodes up without waiting for longer"],
      ]),
    )
    .action(async (options: BrakeOptions) => {
      const client = connect(options);
      if (options.release === true) await client.releaseBrake();
      const { brake } = await client.stats();
      if (options.output !== "table") return printDocument(context, options.output, brake ?? null);
      context.stdout.write(brake === undefined ? "off\n" : `on since ${brake.since}: ${brake.reason}\n`);
    });
  addClientOptions(command);
}
