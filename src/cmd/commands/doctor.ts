import type { Command } from "commander";
import type { Context } from "../context.ts";
import { CommandError } from "../errors.ts";
import { counted } from "../format.ts";
import { examples } from "../help.ts";
import { addClientOptions, option, type ClientOptions } from "../options.ts";
import { painter } from "../terminal/paint.ts";
import { printDocument } from "../terminal/print.ts";

export interface DoctorOptions extends ClientOptions {
  readonly dataDir?: string;
}

export function configure(command: Command, context: Context): void {
  command
    .addOption(
      option(
        "--data-dir <directory>",
        "the server's (default: where 'birdman manager' and 'birdman worker' keep theirs)",
      ),
    )
    .addHelpText(
      "after",
      examples([
        ["birdman doctor", "this machine, and the manager on it if there is one"],
        ["birdman doctor --manager https://manager.example:8080 --ca-cert ca.pem", "seen from a worker's machine"],
        ["birdman doctor -o json", "for a script; exit status 1 when something fails"],
      ]),
    )
    .action(async (options: DoctorOptions) => {
      const [{ examine }, { renderFindings }] = await Promise.all([
        import("../doctor/examine.ts"),
        import("../doctor/findings-table.ts"),
      ]);
      const isExpected = command.getOptionValueSource("manager") !== "default";
      const checks = await examine({ ...options, isExpected }, context);
      const failed = checks.filter(({ verdict }) => verdict === "fail").length;
      if (options.output !== "table") {
        await printDocument(context, options.output, { ok: failed === 0, checks });
      } else {
        const paint = painter(context, context.stdout, options.color);
        context.stdout.write(renderFindings(checks, paint, context.stdout.columns));
      }
      if (failed > 0) throw new CommandError(`${counted(failed, "check")} of ${String(checks.length)} failed`);
    });
  addClientOptions(command);
}
