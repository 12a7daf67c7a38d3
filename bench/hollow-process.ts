/** `hollow-process.ts MANAGER COUNT`: a process full of hollow workers, beside the benchmark's own; it tells its parent when it is ready. */
import { startHollowNodes } from "./hollow-nodes.ts";

const [managerUrl = "", count = "0"] = process.argv.slice(2);
const nodes = await startHollowNodes(managerUrl, Number(count));
process.send?.("ready");
process.once("disconnect", () => {
  void nodes.close().then(() => process.exit());
});
