/**
 * The flags that Node is started with wherever `birdman` is: in `bin/birdman`, in the image (Dockerfile) and in the single
 * executable file; and for the benchmarks (package.json). They count only from the very start, so no module can set them.
 *
 * A small young generation (2 MiB a half; this Node would let it grow to 32): what is passed through, as output, frames and
 * requests are, is garbage at once, and is cleared away before tens of megabytes of it lie about. `npm run bench -- streams`
 * shows what it is worth; simulated clusters take no longer with it. What it costs: the fastest placements, of
 * about a microsecond, took up to half as long again in three pairs of runs, and the control plane's benchmark was 3 to 29 %
 * quicker in three pairs with 8 MiB a half, with which the manager grew by 72 MiB in that of the streams.
 */
export const NODE_FLAGS: readonly string[] = ["--max-semi-space-size=2"];
