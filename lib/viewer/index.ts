export { serveViewer, type Viewer, type ViewerOptions } from './serve.ts';
