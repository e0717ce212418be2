export type { ViewerOptions } from './options.ts';
export { serveViewer, type Viewer } from './serve.ts';
