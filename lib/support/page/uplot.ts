import uPlot from 'uplot';

/** Draws charts on a canvas. */
export { uPlot };
