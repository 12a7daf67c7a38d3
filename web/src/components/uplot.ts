/** uPlot with its styles, in a file of its own, so that both are loaded together and only for pages with charts. */
import Plot from "uplot";
import "uplot/dist/uPlot.min.css";

export { Plot as uPlot };
