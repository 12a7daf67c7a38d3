/** Joins two connections: what comes in on one goes out on the other, no faster than that takes it. */
import type { WebSocket } from "ws";

/** A side that lags behind by more than this stops the other one's being read. */
const MOST_BUFFERED_BYTES = 256 * 1024;

/** Both may be paused. When one closes, so does the other, with the same code and reason. */
export function bridge(a: WebSocket, b: WebSocket): void {
  pass(a, b);
  pass(b, a);
  a.resume();
  b.resume();
}

function pass(from: WebSocket, to: WebSocket): void {
  from.on("message", (data: Buffer, isBinary) => {
    to.send(data, { binary: isBinary }, () => {
      if (to.bufferedAmount <= MOST_BUFFERED_BYTES) from.resume();
    });
    if (to.bufferedAmount > MOST_BUFFERED_BYTES) from.pause();
  });
  from.on("close", (code, reason) => {
    // 1005 and 1006 say that there was no code, and may not be sent.
    if (code === 1005 || code === 1006) to.close(1001);
    else to.close(code, reason);
  });
  from.on("error", () => from.terminate());
}
