// What builds the page of the viewer in a browser; no server loads it.
export { type ComponentChild, h, render } from 'preact';
export { useEffect, useRef, useState } from 'preact/hooks';
