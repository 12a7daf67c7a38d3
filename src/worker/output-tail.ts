import type { InstanceRef, Runtime } from "./runtimes/runtime.ts";

const LINES = 200;
const MOST_BYTES = 65_536;
/** Output that cannot be read in this time is not worth holding up the news of an end. */
const PATIENCE_MS = 2000;

/** The last lines that the run printed, stdout and stderr together; undefined when they cannot be had. */
export async function tailOf(runtime: Runtime, ref: InstanceRef): Promise<string | undefined> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const options = { follow: false, tail: LINES, timestamps: false, stdout: true, stderr: true };
  const chunks: Uint8Array[] = [];
  try {
    for await (const { data } of runtime.logs(ref, options, signal)) chunks.push(Buffer.from(data));
  } catch {
    // What could be read is worth keeping; the end itself matters more than its last lines.
  }
  if (chunks.length === 0) return undefined;
  const all = Buffer.concat(chunks);
  return all.subarray(Math.max(0, all.length - MOST_BYTES)).toString();
}
